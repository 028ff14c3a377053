/** Half a frame: whoever scrolls meanwhile does not notice. */
const sliceMilliseconds = 8

/** Lets the page have its turn during long work. */
export class Pacer {
  #sliceEnds = performance.now() + sliceMilliseconds

  /** To be called often; waits once the slice is used up. @throws the signal's reason */
  async breathe(signal?: AbortSignal): Promise<void> {
    if (performance.now() < this.#sliceEnds) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    signal?.throwIfAborted()
    this.#sliceEnds = performance.now() + sliceMilliseconds
  }
}
