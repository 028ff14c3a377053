import { randomInt } from 'node:crypto'
import type { Collection } from 'mongodb'
import { upTo, type StateDocument } from './state-documents.ts'

export interface Candidate {
  readonly id: string
  readonly dueAt: number
  /** Whose lease ran out. */
  readonly wasHeld: boolean
}

/** How many are looked up at once. */
const lookedUp = 2000

/** After so many that others had taken, what was looked up is taken for stale. */
const lostInARow = 3

/**
 * Which documents to try to claim. A server that does not read an index in its order sorts all that is due to find the
 * earliest, so many are looked up at once; each time it is asked only whether something earlier came, which is quick.
 * Nothing here is relied on: the claim itself looks whether the document is still to be had.
 */
export class DueCandidates {
  readonly #documents: Collection<StateDocument>
  /** Not held by anybody when they were looked up; by time due, then id. */
  #ready: Candidate[] = []
  #lost = 0

  constructor(documents: Collection<StateDocument>) {
    this.#documents = documents
  }

  /** Up to `limit`, the earliest first; none only if nothing is due. */
  async take(now: number, limit: number): Promise<readonly Candidate[]> {
    const [held, somethingCame] = await Promise.all([this.#expired(now, limit), this.#isSomethingEarlier()])
    if (somethingCame || this.#ready.length === 0) this.#ready = await this.#lookUp(now)
    const ready = this.#takeReady(now, limit)
    if (held.length === 0) return ready
    const taken = [...held, ...ready].sort(byTime).slice(0, limit)
    this.#ready = [...ready.filter((each) => !taken.includes(each)), ...this.#ready]
    return taken
  }

  /**
   * Whether all that were taken last could be claimed. If not, others look at the same ones: from then on, not all
   * start at the first.
   */
  tried(gotAll: boolean): void {
    this.#lost = gotAll ? 0 : this.#lost + 1
    if (this.#lost < lostInARow) return
    this.#ready = []
    this.#lost = 0
  }

  /** The document was written here, so what is known of it changed. */
  wrote(id: string, dueAt: number | undefined): void {
    const at = this.#ready.findIndex((each) => each.id === id)
    if (at !== -1) this.#ready.splice(at, 1)
    if (dueAt === undefined) return
    const candidate = { id, dueAt, wasHeld: false }
    const place = this.#ready.findIndex((each) => byTime(candidate, each) < 0)
    // Behind the last one there may be others that were not looked up.
    if (place !== -1) this.#ready.splice(place, 0, candidate)
  }

  #takeReady(now: number, limit: number): Candidate[] {
    const end = this.#ready.findIndex(({ dueAt }) => dueAt > now)
    const due = end === -1 ? this.#ready.length : end
    const start = this.#lost === 0 || due <= limit ? 0 : randomInt(due - limit + 1)
    return this.#ready.splice(start, Math.min(limit, due - start))
  }

  async #isSomethingEarlier(): Promise<boolean> {
    const [first] = this.#ready
    if (first === undefined) return false
    const filter = { readyAt: { $gte: -Infinity, $lt: first.dueAt } }
    return (await this.#documents.findOne(filter, { projection: { _id: 1 }, sort: { readyAt: 1 } })) !== null
  }

  async #expired(now: number, limit: number): Promise<Candidate[]> {
    const found = await this.#documents
      .find({ heldUntil: upTo(now) }, { projection: { dueAt: 1 }, limit, batchSize: limit + 1 })
      .sort({ dueAt: 1, _id: 1 })
      .toArray()
    return found.map(({ _id, dueAt = now }) => ({ id: _id, dueAt, wasHeld: true }))
  }

  async #lookUp(now: number): Promise<Candidate[]> {
    const found = await this.#documents
      .find({ readyAt: upTo(now) }, { projection: { readyAt: 1 }, limit: lookedUp, batchSize: lookedUp + 1 })
      .sort({ readyAt: 1, _id: 1 })
      .toArray()
    return found.map(({ _id, readyAt = now }) => ({ id: _id, dueAt: readyAt, wasHeld: false }))
  }
}

function byTime(a: Candidate, b: Candidate): number {
  return a.dueAt - b.dueAt || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}
