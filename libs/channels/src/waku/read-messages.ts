import { createHash } from 'node:crypto'
import { BoundedSet } from './bounded-set.ts'
import { mostNamed, prefixOf } from './channel-cursor.ts'
import type { Place } from './channel-cursor.ts'

/** Far more than a chat of announcements has in the time in which a message may still come again. */
const mostRemembered = 10_000

interface Named {
  readonly timeNanoseconds: bigint
  readonly prefix: string
}

/** What a reader of one chat has had, in bounded memory, and its place. */
export class ReadMessages {
  readonly #start: Place
  readonly #overlapNanoseconds: bigint
  readonly #hashes = new BoundedSet<string>(mostRemembered)
  readonly #payloads = new BoundedSet<string>(mostRemembered)
  /** Those with the latest times, in order of time. */
  readonly #latest: Named[] = []

  constructor(start: Place, overlapMilliseconds: number) {
    this.#start = start
    this.#overlapNanoseconds = BigInt(overlapMilliseconds) * 1_000_000n
  }

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  /** A message of somebody else's chat, or none at all. */
  passOver(hash: string): void {
    this.#hashes.add(hash)
  }

  /** @returns whether it is to be handed over: neither it nor another message with its payload was before */
  add(hash: string, timeNanoseconds: bigint, payload: Uint8Array): boolean {
    const prefix = prefixOf(hash)
    this.#hashes.add(hash)
    const isNew = this.#payloads.add(createHash('sha256').update(payload).digest('base64'))
    const before = this.#latest.findLastIndex((named) => named.timeNanoseconds <= timeNanoseconds)
    this.#latest.splice(before + 1, 0, { timeNanoseconds, prefix })
    if (this.#latest.length > mostNamed) this.#latest.shift()
    return isNew && !this.#start.read.has(prefix)
  }

  /**
   * Where to go on.
   * @param limitNanoseconds what is later may have gaps. Where more messages than a cursor names came since, the rest of
   *   them comes again.
   */
  place(limitNanoseconds: bigint): Place {
    const newest = this.#latest.at(-1)
    const oldest = this.#latest[0]
    if (newest === undefined || oldest === undefined) return this.#start
    const overlap = newest.timeNanoseconds - this.#overlapNanoseconds
    const isFull = this.#latest.length === mostNamed
    const wanted = isFull && oldest.timeNanoseconds > overlap ? oldest.timeNanoseconds : overlap
    const bounded = wanted < limitNanoseconds ? wanted : limitNanoseconds
    // Never back behind where the reader began.
    const start = this.#start.fromNanoseconds ?? 0n
    const from = bounded > start ? bounded : start
    const read = this.#latest.filter((named) => named.timeNanoseconds >= from).map((named) => named.prefix)
    const stillNamed = from === start ? [...this.#start.read] : []
    return { fromNanoseconds: from, read: new Set([...stillNamed, ...read].slice(-mostNamed)) }
  }
}
