/** What is remembered, about 200 bytes each. For older ones the row is asked. */
const mostRemembered = 20_000

/**
 * The ids of the events by which this process publishes what stands in rows as decided, and which it takes out of them by
 * itself: most of them come back to it a moment later, and then there is nothing to be done.
 */
export class OwnDecisions {
  readonly #ids = new Set<string>()

  add(id: string): void {
    this.#ids.add(id)
    const [oldest] = this.#ids
    if (this.#ids.size > mostRemembered && oldest !== undefined) this.#ids.delete(oldest)
  }

  /** Whether it is one of them; from then on it is not. An event that comes again is looked at like any other. */
  remove(id: string): boolean {
    return this.#ids.delete(id)
  }
}
