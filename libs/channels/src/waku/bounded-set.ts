/** The last so many things that were added. */
export class BoundedSet<T> {
  readonly #items = new Set<T>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  has(item: T): boolean {
    return this.#items.has(item)
  }

  /** @returns whether it was not there */
  add(item: T): boolean {
    const isNew = !this.#items.delete(item)
    this.#items.add(item)
    const [oldest] = this.#items
    if (this.#items.size > this.#most && oldest !== undefined) this.#items.delete(oldest)
    return isNew
  }
}
