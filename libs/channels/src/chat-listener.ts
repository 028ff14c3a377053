/** One reader of a chat that waits for something to come. */
export class ChatListener {
  #changed = Promise.withResolvers<void>()

  /** From now on only what comes later counts. */
  reset(): void {
    this.#changed = Promise.withResolvers<void>()
  }

  wake(): void {
    this.#changed.resolve()
  }

  /** Resolves when something came since the last reset, or when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = this.#changed
    const wake = (): void => resolve()
    signal.addEventListener('abort', wake)
    await promise
    signal.removeEventListener('abort', wake)
  }
}
