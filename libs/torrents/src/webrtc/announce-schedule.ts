/** Where a tracker does not say how long, and within what bounds it may. */
const usualMilliseconds = 120_000
const shortestMilliseconds = 30_000
const longestMilliseconds = 3_600_000

/** A tracker may hear of a torrent only after us. */
const firstRetryMilliseconds = 2_000

interface Entry {
  dueAt: number
  retryMilliseconds: number
}

/** When each torrent is to be announced to one tracker. */
export class AnnounceSchedule {
  /** In the order in which they were announced last, and so about in that in which they are due. */
  readonly #entries = new Map<string, Entry>()
  /** Due before those that were announced already. */
  readonly #soon = new Set<string>()

  /** @param infoHash due at once */
  add(infoHash: string): void {
    this.#entries.set(infoHash, { dueAt: 0, retryMilliseconds: firstRetryMilliseconds })
    this.#soon.add(infoHash)
  }

  remove(infoHash: string): void {
    this.#entries.delete(infoHash)
    this.#soon.delete(infoHash)
  }

  /** All are due: the tracker knows nothing of them. */
  beginAnew(now: number): void {
    for (const [infoHash, entry] of this.#entries) {
      entry.dueAt = now
      this.#soon.add(infoHash)
    }
  }

  /** One that is due; it is due again after the usual time, unless the tracker says otherwise. */
  next(now: number): string | undefined {
    const infoHash = this.#firstDue(now)
    const entry = infoHash === undefined ? undefined : this.#entries.get(infoHash)
    if (infoHash === undefined || entry === undefined) return undefined
    this.#soon.delete(infoHash)
    this.#entries.delete(infoHash)
    this.#entries.set(infoHash, { ...entry, dueAt: now + usualMilliseconds })
    return infoHash
  }

  taken(infoHash: string, intervalSeconds: number, now: number): void {
    const entry = this.#entries.get(infoHash)
    if (entry === undefined || Number.isNaN(intervalSeconds)) return
    entry.dueAt = now + Math.min(longestMilliseconds, Math.max(shortestMilliseconds, intervalSeconds * 1000))
    entry.retryMilliseconds = firstRetryMilliseconds
  }

  /** Is tried again, later each time. */
  refused(infoHash: string, now: number): void {
    const entry = this.#entries.get(infoHash)
    if (entry === undefined) return
    entry.dueAt = now + entry.retryMilliseconds
    entry.retryMilliseconds = Math.min(entry.retryMilliseconds * 2, longestMilliseconds)
    this.#soon.add(infoHash)
  }

  #firstDue(now: number): string | undefined {
    for (const infoHash of this.#soon) if ((this.#entries.get(infoHash)?.dueAt ?? 0) <= now) return infoHash
    const first = this.#entries.entries().next().value
    return first !== undefined && first[1].dueAt <= now ? first[0] : undefined
  }
}
