import type { CarriedMessage, WakuMessage } from './waku-message.ts'

export interface StorePageQuery {
  readonly pubsubTopic: string
  readonly contentTopics: readonly string[]
  /** Unix nanoseconds, inclusive. */
  readonly fromNanoseconds?: bigint
  /** Unix nanoseconds, inclusive. */
  readonly toNanoseconds?: bigint
  /** Of the page before, as it came. */
  readonly cursor?: string | undefined
  /** 20 to 100. */
  readonly pageSize: number
}

/** One page of a store, as the store gave it. */
export interface StorePage {
  readonly messages: readonly CarriedMessage[]
  /** For the next page; `undefined` at the end. Not to be understood: give it back as it came. */
  readonly cursor: string | undefined
  /** Messages that are not what was asked for, or not what their hash says. */
  readonly refused: readonly RefusedMessage[]
}

/** A message in an answer that does not count, and why. */
export interface RefusedMessage {
  readonly where: string
  readonly reason: string
}

export interface Drained {
  readonly messages: readonly CarriedMessage[]
  readonly refused: readonly RefusedMessage[]
}

/** A Waku node's REST interface. Every call is bounded in time and size, and throws what `isWakuNodeError` knows. */
export interface WakuNode {
  /** Its address without name and password. */
  readonly name: string
  /** Has the node relay these topics and keep what comes on them until it is drained. */
  subscribe(pubsubTopics: readonly string[], signal?: AbortSignal): Promise<void>
  /** What came on a topic since the last time. A node that was restarted refuses with 404: it has to be asked to subscribe again. */
  drain(pubsubTopic: string, signal?: AbortSignal): Promise<Drained>
  /** Gives a message to the node's own relay. That the node took it does not mean that anybody heard it. */
  publish(pubsubTopic: string, message: WakuMessage, signal?: AbortSignal): Promise<void>
  /** Has the node give a message to another node's relay. That it was taken does not mean that anybody heard it. */
  lightpush(pubsubTopic: string, message: WakuMessage, signal?: AbortSignal): Promise<void>
  /** A page of the node's store in ascending order of time. */
  storePage(query: StorePageQuery, signal?: AbortSignal): Promise<StorePage>
  /** The hashes that the node's store has of a content topic between two times, both inclusive; the first 100. */
  storedHashes(query: Omit<StorePageQuery, 'cursor' | 'pageSize'>, signal?: AbortSignal): Promise<ReadonlySet<string>>
  health(signal?: AbortSignal): Promise<NodeHealth>
  /** The multiaddrs that the node tells others. */
  addresses(signal?: AbortSignal): Promise<readonly string[]>
}

export interface NodeHealth {
  readonly isReady: boolean
  /** What the node says of itself, at most 200 characters. */
  readonly detail: string
}
