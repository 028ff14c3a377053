import { pauseFor } from '../pause.ts'

/** Lets so many requests a second through, with a short burst, in the order in which they came. */
export class RateLimit {
  readonly #intervalMilliseconds: number
  readonly #burstMilliseconds: number
  readonly #now: () => number
  /** When the next request may go if there is to be no burst. */
  #next = -Infinity

  constructor(requestsPerSecond: number, now: () => number = () => performance.now()) {
    this.#intervalMilliseconds = 1_000 / requestsPerSecond
    this.#burstMilliseconds = 1_000
    this.#now = now
  }

  /** Takes a turn. @returns how long to wait for it */
  reserve(): number {
    const now = this.#now()
    this.#next = Math.max(this.#next, now - this.#burstMilliseconds) + this.#intervalMilliseconds
    return Math.max(0, this.#next - now)
  }

  /** No request goes for so long: the node asked for it. */
  hold(milliseconds: number): void {
    this.#next = Math.max(this.#next, this.#now() + milliseconds)
  }

  /** Resolves when it is the caller's turn. @throws the signal's reason */
  async turn(signal: AbortSignal): Promise<void> {
    const wait = this.reserve()
    if (wait > 0) await pauseFor(wait, signal)
    signal.throwIfAborted()
  }
}
