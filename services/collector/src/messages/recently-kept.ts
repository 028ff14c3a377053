const most = 10_000

/**
 * What was kept of a community lately. A look into the stores brings the same again for as long as messages may come late:
 * what is in here is neither decrypted nor written another time. It is what is kept, and not what came: what is refused
 * today may be of a chat that is known tomorrow.
 */
export class RecentlyKept {
  readonly #spanMilliseconds: number
  /** When each was kept, of the monotonic clock, by its hash; the oldest first. */
  readonly #keptAt = new Map<string, number>()

  /** @param spanMilliseconds how long it is remembered, which is no longer than it may come again */
  constructor(spanMilliseconds: number) {
    this.#spanMilliseconds = spanMilliseconds
  }

  get size(): number {
    return this.#keptAt.size
  }

  has(hash: string): boolean {
    return this.#keptAt.has(hash)
  }

  add(hash: string, nowMilliseconds = performance.now()): void {
    this.#keptAt.delete(hash)
    this.#keptAt.set(hash, nowMilliseconds)
    this.forgetOld(nowMilliseconds)
  }

  /** A community that falls silent would keep its memory else. */
  forgetOld(nowMilliseconds = performance.now()): void {
    for (const [hash, keptAt] of this.#keptAt) {
      if (this.#keptAt.size <= most && keptAt > nowMilliseconds - this.#spanMilliseconds) return
      this.#keptAt.delete(hash)
    }
  }
}
