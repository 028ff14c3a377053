import { WakuRefusedError } from '../errors.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { StorePage, StorePageQuery, WakuNode } from '../waku-node.ts'

export interface MemoryStore {
  readonly node: WakuNode
  readonly messages: CarriedMessage[]
  readonly queries: StorePageQuery[]
  /** Called before each page; may throw or wait. */
  before: (query: StorePageQuery, signal: AbortSignal | undefined) => Promise<void> | void
}

/** A store in memory that pages as a node does: no stub of ours stands between, only HTTP is left out. */
export function memoryStore(name: string, messages: CarriedMessage[]): MemoryStore {
  const refuse = async (): Promise<never> => {
    throw new WakuRefusedError(name, 'do this', 400, 'it is a store only')
  }
  const store: MemoryStore = {
    messages,
    queries: [],
    before: () => {},
    node: {
      name,
      subscribe: refuse,
      drain: refuse,
      publish: refuse,
      lightpush: refuse,
      health: refuse,
      addresses: refuse,
      storedHashes: refuse,
      async storePage(query, signal) {
        store.queries.push(query)
        await store.before(query, signal)
        return pageOf(name, store.messages, query)
      },
    },
  }
  return store
}

function pageOf(name: string, messages: readonly CarriedMessage[], query: StorePageQuery): StorePage {
  const from = query.fromNanoseconds ?? 0n
  const to = query.toNanoseconds ?? 2n ** 63n
  const fitting = messages
    .filter(({ pubsubTopic }) => pubsubTopic === query.pubsubTopic)
    .filter(({ message }) => query.contentTopics.includes(message.contentTopic))
    .filter(({ message: { timestampNanoseconds: time } }) => time >= from && time <= to)
    .sort((one, other) => compare(one, other))
  const at = query.cursor === undefined ? 0 : fitting.findIndex(({ hash }) => hash === query.cursor) + 1
  if (at === 0 && query.cursor !== undefined)
    throw new WakuRefusedError(name, 'query the store', 300, 'cursor not found')
  const page = fitting.slice(at, at + query.pageSize)
  const cursor = at + query.pageSize < fitting.length ? page.at(-1)?.hash : undefined
  return { messages: page, cursor, refused: [] }
}

function compare(one: CarriedMessage, other: CarriedMessage): number {
  const difference = one.message.timestampNanoseconds - other.message.timestampNanoseconds
  if (difference !== 0n) return difference < 0n ? -1 : 1
  return one.hash < other.hash ? -1 : 1
}
