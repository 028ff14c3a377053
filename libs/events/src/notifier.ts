/** Wakes those that wait for something to happen in this process. */
export class Notifier {
  readonly #listeners = new Set<() => void>()

  notify(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Calls the listener at each notification until it is disposed of. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Resolves at the next notification, or when the signal aborts. */
  async next(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    using _subscription = this.subscribe(wake)
    signal?.addEventListener('abort', wake)
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }
}
