import { rename, writeFile } from 'node:fs/promises'

/** The moving end of `ANNALS_CLOCK=file:…`: a clock that several nodes live by and one program moves. */
export class ClockFile {
  readonly #path: string
  #now: number

  private constructor(path: string, now: number) {
    this.#path = path
    this.#now = now
  }

  /** @param now Unix seconds */
  static async at(path: string, now: number): Promise<ClockFile> {
    const clock = new ClockFile(path, now)
    await clock.forward(0)
    return clock
  }

  /** For `ANNALS_CLOCK`. */
  get setting(): string {
    return `file:${this.#path}`
  }

  get now(): number {
    return this.#now
  }

  /** Moves the clock; nobody ever reads half a number. */
  async forward(seconds: number): Promise<void> {
    this.#now += seconds
    await writeFile(`${this.#path}.new`, String(this.#now))
    await rename(`${this.#path}.new`, this.#path)
  }
}
