import { StoreTooSlowError, WakuAnswerError } from '../errors.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { StorePage, StorePageQuery, WakuNode } from '../waku-node.ts'
import { readStorePages } from './read-store-pages.ts'
import type { StoreTally } from './store-report.ts'

/** All that a store has of one moment. */
export interface Moment {
  readonly timeNanoseconds: bigint
  readonly messages: ReadonlyMap<string, CarriedMessage>
}

export interface StreamOptions {
  readonly signal: AbortSignal
  readonly patienceMilliseconds: number
  /** Milliseconds of waiting that the store has left in this query. */
  readonly budget: { leftMilliseconds: number; readonly totalMilliseconds: number }
}

/** More of one nanosecond is an attack, not a conversation. */
const mostOfAMoment = 1_000
const mostBytesOfAMoment = 64 * 1024 * 1024

/** What one store has for a query, moment by moment, a page in memory at a time. */
export class StoreStream {
  readonly node: string
  readonly tally: StoreTally
  readonly #pages: AsyncGenerator<StorePage, void>
  readonly #budget: StreamOptions['budget']
  readonly #deadline = new AbortController()
  readonly #signal: AbortSignal
  #page: readonly CarriedMessage[] = []
  #at = 0
  #isAtEnd = false
  #last = -1n
  #head: Moment | undefined

  constructor(node: WakuNode, query: StorePageQuery, tally: StoreTally, options: StreamOptions) {
    this.node = node.name
    this.tally = tally
    this.#budget = options.budget
    this.#signal = options.signal
    const signal = AbortSignal.any([options.signal, this.#deadline.signal])
    this.#pages = readStorePages(node, query, { ...options, signal })
  }

  /** The moment that is next; `undefined` at the end. Known after `fill`. */
  get head(): Moment | undefined {
    return this.#head
  }

  get needsFill(): boolean {
    return this.#head === undefined && !this.#isAtEnd
  }

  /** The next moment is done with. */
  pass(): void {
    this.#head = undefined
  }

  /**
   * Makes `head` known.
   * @throws what `isWakuNodeError` knows, StoreTooSlowError; the signal's reason
   */
  async fill(): Promise<void> {
    const messages = new Map<string, CarriedMessage>()
    let sizeBytes = 0
    let time: bigint | undefined
    for (;;) {
      const next = this.#page[this.#at] ?? (await this.#turnPage())
      if (next === undefined) break
      const nextTime = next.message.timestampNanoseconds
      if (time !== undefined && nextTime > time) break
      if (nextTime < (time ?? this.#last + 1n)) this.#refuse('is not in order of time')
      time = nextTime
      messages.set(next.hash, next)
      sizeBytes += next.message.payload.length
      if (messages.size > mostOfAMoment || sizeBytes > mostBytesOfAMoment) this.#refuse('has too many of one moment')
      this.#at += 1
    }
    if (time === undefined) {
      this.#isAtEnd = true
      return
    }
    this.#last = time
    this.#head = { timeNanoseconds: time, messages }
  }

  /** The first message of the next page that has one; `undefined` at the end. */
  async #turnPage(): Promise<CarriedMessage | undefined> {
    const began = performance.now()
    const timer = setTimeout(() => {
      this.#deadline.abort(new StoreTooSlowError(this.node, this.#budget.totalMilliseconds))
    }, this.#budget.leftMilliseconds)
    try {
      for (;;) {
        const { value: page } = await this.#pages.next()
        if (page === undefined) return undefined
        this.tally.refuse(page.refused)
        if (page.messages.length === 0) continue
        this.#page = page.messages
        this.#at = 0
        return page.messages[0]
      }
    } catch (error) {
      this.#signal.throwIfAborted()
      this.#deadline.signal.throwIfAborted()
      throw error
    } finally {
      clearTimeout(timer)
      this.#budget.leftMilliseconds -= performance.now() - began
    }
  }

  #refuse(reason: string): never {
    throw new WakuAnswerError(this.node, 'query the store', 'messages', reason)
  }

  async close(): Promise<void> {
    await this.#pages.return()
  }
}
