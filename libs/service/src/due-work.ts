import type { Logger } from 'pino'
import { pause } from './pause.ts'

/** From one look at what is due to the next one, as a rule. */
export const pollMilliseconds = 1_000

export interface DueWorkOptions {
  /** Does what is due. @returns how long to wait before the next look, milliseconds */
  readonly goOn: (signal: AbortSignal) => Promise<number>
  /** What the log says where that fails. */
  readonly failure: string
}

/** Looks for what is due again and again, until it is disposed, which waits for what is under way. */
export class DueWork implements AsyncDisposable {
  readonly #log: Pick<Logger, 'error'>
  readonly #options: DueWorkOptions
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>

  constructor(log: Pick<Logger, 'error'>, options: DueWorkOptions) {
    this.#log = log
    this.#options = options
    this.#loop = this.#work()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      let next = pollMilliseconds
      try {
        next = await this.#options.goOn(signal)
      } catch (error) {
        this.#log.error({ err: error }, this.#options.failure)
      }
      await pause(next, signal)
    }
  }
}
