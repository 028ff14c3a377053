import { randomInt } from 'node:crypto'
import type { Collection, Filter } from 'mongodb'
import { upTo, type StateDocument } from './state-documents.ts'

export interface Candidate {
  readonly id: string
  readonly dueAt: number
  /** Whose lease ran out. */
  readonly wasHeld: boolean
}

/** How many are looked up at once. */
const lookedUp = 4000

/** After so many that others had taken, what was looked up is taken for stale. */
const lostInARow = 3

/**
 * Which documents to try to claim. A server that does not read an index in its order sorts all that is due to find the
 * earliest, which takes long where much is due. So many are looked up at once, and each time the server is asked only
 * for what is due before the last of those that are wanted: that is little, and found quickly.
 * Nothing here is relied on: the claim itself looks whether the document is still to be had.
 */
export class DueCandidates {
  readonly #documents: Collection<StateDocument>
  /** Not held by anybody when they were looked up; by time due, then id. */
  #ready: Candidate[] = []
  #readyIds = new Set<string>()
  /** Taken, and not yet tried. */
  readonly #taken = new Set<string>()
  /** What time the last look-up with more than it could take went up to, and over how long. */
  #reached: { readonly dueAt: number; readonly seconds: number } | undefined
  #lookingUp: { readonly now: number; readonly done: Promise<void> } | undefined
  #lost = 0

  constructor(documents: Collection<StateDocument>) {
    this.#documents = documents
  }

  /** Up to `limit`, the earliest first; none only if nothing is due. Each is to be `tried`. */
  async take(now: number, limit: number): Promise<readonly Candidate[]> {
    const [held] = await Promise.all([this.#expired(now, limit), this.#lookBefore(limit)])
    if (this.#countDue(now) === 0) await this.#lookUp(now)
    const ready = this.#takeReady(now, limit)
    const all = [...held.filter(({ id }) => !this.#taken.has(id)), ...ready].sort(byTime)
    const back = all.slice(limit).filter(({ wasHeld }) => !wasHeld)
    if (back.length > 0) this.#setReady([...back, ...this.#ready])
    const taken = all.slice(0, limit)
    for (const { id } of taken) this.#taken.add(id)
    return taken
  }

  /**
   * How many of those that were taken could be claimed. If not all, others look at the same ones: from then on, not all
   * start at the first.
   */
  tried(candidates: readonly Candidate[], won: number): void {
    for (const { id } of candidates) this.#taken.delete(id)
    this.#lost = won === candidates.length ? 0 : this.#lost + 1
    if (this.#lost < lostInARow) return
    this.#setReady([])
    this.#lost = 0
  }

  /** The document was written here, so what is known of it changed. */
  wrote(id: string, dueAt: number | undefined): void {
    if (this.#readyIds.has(id)) this.#setReady(this.#ready.filter((each) => each.id !== id))
    const last = this.#ready.at(-1)
    if (dueAt === undefined || last === undefined) return
    const candidate = { id, dueAt, wasHeld: false }
    // Behind the last one there may be others that were not looked up.
    if (byTime(candidate, last) > 0) return
    const place = this.#ready.findIndex((each) => byTime(candidate, each) < 0)
    this.#ready.splice(place, 0, candidate)
    this.#readyIds.add(id)
  }

  #setReady(ready: Candidate[]): void {
    this.#ready = ready
    this.#readyIds = new Set(ready.map(({ id }) => id))
  }

  #countDue(now: number): number {
    const end = this.#ready.findIndex(({ dueAt }) => dueAt > now)
    return end === -1 ? this.#ready.length : end
  }

  #takeReady(now: number, limit: number): Candidate[] {
    const due = this.#countDue(now)
    const start = this.#lost === 0 || due <= limit ? 0 : randomInt(due - limit + 1)
    const taken = this.#ready.splice(start, Math.min(limit, due - start))
    for (const { id } of taken) this.#readyIds.delete(id)
    return taken
  }

  /** Looks anew at what is due before the last one that would be taken: some may have come, some may be gone. */
  async #lookBefore(limit: number): Promise<void> {
    const bound = this.#ready[Math.min(limit, this.#ready.length) - 1]?.dueAt
    if (bound === undefined) return
    const earlier = await this.#find({ $gte: -Infinity, $lt: bound })
    const behind = earlier.length < lookedUp ? this.#ready.filter(({ dueAt }) => dueAt >= bound) : []
    this.#setReady([...earlier, ...behind])
  }

  /** One look-up at a time, for all who find nothing left. */
  async #lookUp(now: number): Promise<void> {
    const underWay = this.#lookingUp
    if (underWay !== undefined && underWay.now >= now) return underWay.done
    const done = this.#lookUpNow(now).finally(() => {
      if (this.#lookingUp?.done === done) this.#lookingUp = undefined
    })
    this.#lookingUp = { now, done }
    return done
  }

  async #lookUpNow(now: number): Promise<void> {
    const reached = this.#reached
    if (reached !== undefined) {
      // Where the last one ended, and twice as far as it went: that much is sorted quickly.
      const until = reached.dueAt + 2 * reached.seconds
      if (until < now) this.#setReady(await this.#find(upTo(until)))
      if (until < now && this.#ready.length > 0) return this.#noteReached()
    }
    this.#setReady(await this.#find(upTo(now)))
    this.#noteReached()
  }

  #noteReached(): void {
    const [first, last] = [this.#ready[0], this.#ready.at(-1)]
    this.#reached =
      first === undefined || last === undefined || this.#ready.length < lookedUp / 4
        ? undefined
        : { dueAt: last.dueAt, seconds: last.dueAt - first.dueAt }
  }

  async #find(readyAt: Filter<StateDocument>['readyAt']): Promise<Candidate[]> {
    const found = await this.#documents
      .find({ readyAt }, { projection: { readyAt: 1 }, limit: lookedUp, batchSize: lookedUp + 1 })
      .sort({ readyAt: 1, _id: 1 })
      .toArray()
    return found.flatMap(({ _id: id, readyAt: dueAt }) => {
      return dueAt === undefined || this.#taken.has(id) ? [] : [{ id, dueAt, wasHeld: false }]
    })
  }

  async #expired(now: number, limit: number): Promise<Candidate[]> {
    const found = await this.#documents
      .find(
        { heldUntil: upTo(now) },
        { projection: { dueAt: 1 }, limit: limit + this.#taken.size, batchSize: lookedUp + 1 },
      )
      .sort({ dueAt: 1, _id: 1 })
      .toArray()
    return found.map(({ _id, dueAt = now }) => ({ id: _id, dueAt, wasHeld: true }))
  }
}

function byTime(a: Candidate, b: Candidate): number {
  return a.dueAt - b.dueAt || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}
