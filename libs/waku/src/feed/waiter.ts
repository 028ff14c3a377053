import { pauseFor } from '../pause.ts'

/** A loop's wait, which others can cut short. */
export class Waiter {
  #woken = new AbortController()

  wake(): void {
    this.#woken.abort()
  }

  /** Resolves after so long, when woken, at once if it was woken since the last wait, or when the signal aborts. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pauseFor(milliseconds, AbortSignal.any([signal, this.#woken.signal]))
    this.#woken = new AbortController()
  }
}
