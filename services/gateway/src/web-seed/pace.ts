import type { ServerResponse } from 'node:http'

/** What any client gets through with, in the long run. */
const slowestBytesPerSecond = 4 * 1024
const usualSeconds = 60

/** Hangs up on a client that takes next to nothing of what it asked for: it has a place that others wait for. */
export class Pace implements Disposable {
  #takenBytes = 0
  readonly #timer: NodeJS.Timeout

  /** @param seconds how often it is looked */
  constructor(response: Pick<ServerResponse, 'destroy'>, seconds = usualSeconds) {
    let before = 0
    this.#timer = setInterval(() => {
      if (this.#takenBytes - before < slowestBytesPerSecond * seconds) response.destroy()
      before = this.#takenBytes
    }, seconds * 1000)
  }

  took(bytes: number): void {
    this.#takenBytes += bytes
  }

  /** To be called when there is nothing more to take as well: what is on its way may take longer. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
