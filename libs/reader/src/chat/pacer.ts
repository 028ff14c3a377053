/** Half a frame: whoever scrolls meanwhile does not notice. */
const sliceMilliseconds = 8

/** Lets the page have its turn during long work. */
export class Pacer {
  #sliceEnds = performance.now() + sliceMilliseconds

  /** Whether the slice is used up. */
  isDue(): boolean {
    return performance.now() >= this.#sliceEnds
  }

  /** Waits a turn. @throws the signal's reason */
  async breathe(signal?: AbortSignal): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0))
    signal?.throwIfAborted()
    this.#sliceEnds = performance.now() + sliceMilliseconds
  }
}
