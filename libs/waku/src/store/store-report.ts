import type { CarriedMessage } from '../waku-message.ts'
import type { RefusedMessage } from '../waku-node.ts'

/** Messages one after the other that a store lacks and others have. */
export interface MissingSpan {
  /** Unix nanoseconds, of the first and of the last of them. */
  readonly fromNanoseconds: bigint
  readonly toNanoseconds: bigint
  readonly messages: number
}

/** How a query went with one store. */
export interface StoreReport {
  /** Its address without name and password. */
  readonly node: string
  /** Why it was not asked to the end; `undefined` where it was. */
  readonly failure: unknown
  /** Messages that it had. */
  readonly messages: number
  /** Messages that another store had and it had not, while it answered. */
  readonly missing: number
  /** Where they are; with very many spans the last one covers the rest. Within each group of topics in order of time. */
  readonly missingSpans: readonly MissingSpan[]
  /** Messages in its answers that do not count. */
  readonly refused: number
  /** The first of them. */
  readonly firstRefused: RefusedMessage | undefined
}

const mostSpans = 1_000

/** Counts what one store has and lacks. */
export class StoreTally {
  readonly node: string
  failure: unknown
  #messages = 0
  #missing = 0
  #refused = 0
  #firstRefused: RefusedMessage | undefined
  readonly #spans: { fromNanoseconds: bigint; toNanoseconds: bigint; messages: number }[] = []
  #isInSpan = false

  constructor(node: string) {
    this.node = node
  }

  has(): void {
    this.#messages += 1
    this.#isInSpan = false
  }

  lacks({ message: { timestampNanoseconds: time } }: CarriedMessage): void {
    this.#missing += 1
    const last = this.#spans.at(-1)
    if (last === undefined || (!this.#isInSpan && this.#spans.length < mostSpans)) {
      this.#spans.push({ fromNanoseconds: time, toNanoseconds: time, messages: 1 })
    } else {
      if (time < last.fromNanoseconds) last.fromNanoseconds = time
      if (time > last.toNanoseconds) last.toNanoseconds = time
      last.messages += 1
    }
    this.#isInSpan = true
  }

  refuse(refused: readonly RefusedMessage[]): void {
    this.#refused += refused.length
    this.#firstRefused ??= refused[0]
  }

  /** Another group of topics begins, whose times begin anew. */
  endSpan(): void {
    this.#isInSpan = false
  }

  report(): StoreReport {
    return {
      node: this.node,
      failure: this.failure,
      messages: this.#messages,
      missing: this.#missing,
      missingSpans: this.#spans.map((span) => ({ ...span })),
      refused: this.#refused,
      firstRefused: this.#firstRefused,
    }
  }
}
