import { InvalidStorePlaceError, isWakuNodeError, StoresUnavailableError, StoreTooSlowError } from '../errors.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { WakuNode } from '../waku-node.ts'
import { StoreTally } from './store-report.ts'
import type { StoreReport } from './store-report.ts'
import { StoreStream } from './store-stream.ts'
import { groupTopics, queryDigest } from './topic-groups.ts'
import type { ChatTopic, TopicGroup } from './topic-groups.ts'

export interface StoresQuery {
  /** Each is asked for all; what any of them has counts. */
  readonly stores: readonly WakuNode[]
  readonly topics: readonly ChatTopic[]
  /** Unix nanoseconds, inclusive; as far back as the stores reach where absent. */
  readonly fromNanoseconds?: bigint
  /** Unix nanoseconds, inclusive. */
  readonly toNanoseconds?: bigint
  /** Where an earlier run of the same query had come to. */
  readonly after?: string | undefined
  readonly signal: AbortSignal
  /** Messages that a store is asked for at once: 20 to 100, 100 where absent. */
  readonly pageSize?: number
  /** How long one page is asked for again while a store fails for reasons that may pass. 15,000 where absent. */
  readonly patienceMilliseconds?: number
  /** How long the whole query waits for one store, all pages together. 600,000 where absent. */
  readonly storeLimitMilliseconds?: number
}

/** What stores have, put together. */
export interface StoresPage {
  /** In each group of topics in order of time, then of hash; each message once. */
  readonly messages: readonly CarriedMessage[]
  /** Give it as `after` to go on behind this page. */
  readonly place: string
}

/** A query of several stores under way. To be iterated once. */
export interface StoresReading extends AsyncIterable<StoresPage> {
  /** How it went with each store so far, in the order in which they were given. */
  reports(): readonly StoreReport[]
}

const pageMessages = 500
const pageBytes = 8 * 1024 * 1024

/**
 * Asks several stores at once and puts together what they have. A store that fails, or is not waited for any longer, is left
 * out from then on and told of; the others go on. In memory are a page of each store and one of the result.
 * Iterating throws StoresUnavailableError at the end where no store answered all of the query, InvalidStorePlaceError, and the
 * signal's reason.
 */
export function queryStores(query: StoresQuery): StoresReading {
  const reading = new Reading(query)
  return {
    reports: () => reading.reports(),
    [Symbol.asyncIterator]: () => reading.pages(),
  }
}

class Reading {
  readonly #query: StoresQuery
  readonly #groups: readonly TopicGroup[]
  readonly #digest: string
  readonly #stores: readonly {
    readonly node: WakuNode
    readonly tally: StoreTally
    readonly budget: { leftMilliseconds: number; readonly totalMilliseconds: number }
  }[]

  constructor(query: StoresQuery) {
    const { stores, topics, fromNanoseconds, toNanoseconds, storeLimitMilliseconds: limit = 600_000 } = query
    this.#query = query
    this.#groups = groupTopics(topics)
    this.#digest = queryDigest(this.#groups, fromNanoseconds, toNanoseconds)
    this.#stores = stores.map((node) => ({
      node,
      tally: new StoreTally(node.name),
      budget: { leftMilliseconds: limit, totalMilliseconds: limit },
    }))
  }

  reports(): readonly StoreReport[] {
    return this.#stores.map(({ tally }) => tally.report())
  }

  async *pages(): AsyncGenerator<StoresPage, void> {
    const start = this.#parsePlace()
    for (const [index, group] of this.#groups.entries()) {
      if (index < start.group) continue
      const from = index === start.group ? (start.fromNanoseconds ?? this.#query.fromNanoseconds) : undefined
      yield* this.#groupPages(index, group, from ?? this.#query.fromNanoseconds)
    }
    const reports = this.reports()
    if (this.#groups.length > 0 && reports.every(({ failure }) => failure !== undefined))
      throw new StoresUnavailableError(reports)
  }

  async *#groupPages(index: number, group: TopicGroup, from: bigint | undefined): AsyncGenerator<StoresPage, void> {
    const streams = this.#open(group, from)
    try {
      let messages: CarriedMessage[] = []
      let sizeBytes = 0
      for (;;) {
        await this.#fill(streams)
        this.#query.signal.throwIfAborted()
        const moment = nextMoment(streams)
        if (moment === undefined) break
        for (const message of moment) {
          messages.push(message)
          sizeBytes += message.message.payload.length
        }
        const last = moment.at(-1)?.message.timestampNanoseconds ?? 0n
        if (messages.length >= pageMessages || sizeBytes >= pageBytes) {
          yield { messages, place: `${this.#digest}.${index}.${last + 1n}` }
          messages = []
          sizeBytes = 0
        }
      }
      if (messages.length > 0) yield { messages, place: `${this.#digest}.${index + 1}.` }
    } finally {
      for (const stream of streams) await stream.close()
    }
  }

  #open(group: TopicGroup, from: bigint | undefined): StoreStream[] {
    const { toNanoseconds, pageSize = 100, patienceMilliseconds = 15_000, signal } = this.#query
    const query = {
      ...group,
      pageSize: Math.min(Math.max(pageSize, 20), 100),
      ...(from !== undefined && { fromNanoseconds: from }),
      ...(toNanoseconds !== undefined && { toNanoseconds }),
    }
    const answering = this.#stores.filter(({ tally }) => tally.failure === undefined)
    return answering.map(({ node, tally, budget }) => {
      tally.endSpan()
      return new StoreStream(node, query, tally, { signal, patienceMilliseconds, budget })
    })
  }

  /** Learns what every store has next. One that fails is taken out. */
  async #fill(streams: StoreStream[]): Promise<void> {
    const lacking = streams.filter((stream) => stream.needsFill)
    if (lacking.length === 0) return
    const filled = lacking.map(async (stream) => {
      try {
        await stream.fill()
      } catch (error) {
        this.#query.signal.throwIfAborted()
        if (!isWakuNodeError(error) && !(error instanceof StoreTooSlowError)) throw error
        stream.tally.failure = error
        streams.splice(streams.indexOf(stream), 1)
      }
    })
    await Promise.all(filled)
  }

  #parsePlace(): { readonly group: number; readonly fromNanoseconds: bigint | undefined } {
    const { after } = this.#query
    if (after === undefined) return { group: 0, fromNanoseconds: undefined }
    const [, digest, group, from] = /^([0-9a-f]{16})\.(\d{1,9})\.(\d{0,19})$/.exec(after) ?? []
    if (digest !== this.#digest) throw new InvalidStorePlaceError(after)
    return { group: Number(group), fromNanoseconds: from === '' ? undefined : BigInt(from ?? 0) }
  }
}

/** All that any store has of the earliest moment, in order of hash; each store is told what it has and lacks of it. */
function nextMoment(streams: readonly StoreStream[]): CarriedMessage[] | undefined {
  const times = streams.flatMap(({ head }) => (head === undefined ? [] : [head.timeNanoseconds]))
  if (times.length === 0) return undefined
  const time = times.reduce((earliest, other) => (other < earliest ? other : earliest))
  const ofMoment = (stream: StoreStream): ReadonlyMap<string, CarriedMessage> | undefined =>
    stream.head?.timeNanoseconds === time ? stream.head.messages : undefined
  const all = new Map(streams.flatMap((stream) => [...(ofMoment(stream) ?? [])]))
  const messages = [...all.values()].sort((one, other) => (one.hash < other.hash ? -1 : 1))
  for (const stream of streams) {
    const has = ofMoment(stream)
    for (const message of messages) {
      if (has?.has(message.hash) === true) stream.tally.has()
      else stream.tally.lacks(message)
    }
    if (has !== undefined) stream.pass()
  }
  return messages
}
