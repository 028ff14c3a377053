/**
 * Recognises ids that came before, as far back as its size allows: an export's repetitions stand close together, as
 * they have the same time, and memory must not grow with the export.
 */
export class RepeatWindow {
  readonly #size: number
  readonly #ids = new Set<string>()

  constructor(size = 100_000) {
    this.#size = size
  }

  /** True if the id is among the last ones; remembers it. */
  seen(id: string): boolean {
    if (this.#ids.has(id)) return true
    this.#ids.add(id)
    if (this.#ids.size > this.#size) this.#ids.delete(this.#ids.values().next().value as string)
    return false
  }
}
