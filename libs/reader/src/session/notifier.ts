/** Twenty times a second is all that a person sees. */
const delayMilliseconds = 50

/** Tells that something is new, of many things at a time once. */
export class Notifier {
  readonly #listeners = new Set<() => void>()
  #isDue = false

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  notify(): void {
    if (this.#isDue) return
    this.#isDue = true
    setTimeout(() => {
      this.#isDue = false
      for (const listener of this.#listeners) listener()
    }, delayMilliseconds)
  }
}
