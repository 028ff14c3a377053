import type { WakuMessage } from '@annals/archive'
import { Binary, type Collection, type Filter, type Sort } from 'mongodb'
import { InvalidMessageError } from '../errors.ts'
import type {
  IngestResult,
  MessageKey,
  MessageSpan,
  MessageState,
  MessageStore,
  MessageSummary,
  PendingQuery,
  TimeRange,
} from '../message-store.ts'
import { insertUnordered } from './unordered-writes.ts'
import { messageBytes, toDocument, toMessage, type FoundMessage, type MessageDocument } from './message-documents.ts'
import { MessageKeys, parseMessageKey } from './message-keys.ts'
import { MessageParts, partBytes } from './message-parts.ts'
import type { MongoLink } from './mongo-link.ts'
import { PendingWindows } from './pending-windows.ts'

const collectionName = 'messages'

/** What is written with one command. */
const slice = { rows: 1000, bytes: 4 * 1024 * 1024 }

/** So many commands are under way while the next one is made: a server works at each with one processor. */
const slicesAtOnce = 4

const settledAtOnce = 2000

/** What is read at once. The server answers with 16 MiB at most, whatever is asked for. */
const page = { rows: 1000, bytes: 8 * 1024 * 1024 }

/** Commands must end long before a connection's time-out. */
const deletedAtOnce = 10_000

/**
 * Messages in MongoDB, for any number of processes. When an `ingest` fails, some of the batch may be stored, and giving
 * it again is harmless; so are all other calls. A deletion that fails half-way is to be asked for again.
 * @throws StorageUnavailableError, StorageAuthenticationError
 */
export async function openMongoMessages(options: { readonly link: MongoLink }): Promise<MessageStore> {
  const { link } = options
  await link.prepare(collectionName)
  return new MongoMessages(link)
}

type Page = { readonly found: FoundMessage[]; readonly full: boolean }

class MongoMessages implements MessageStore {
  readonly #link: MongoLink
  readonly #messages: Collection<MessageDocument>
  readonly #parts: MessageParts

  constructor(link: MongoLink) {
    this.#link = link
    this.#messages = link.database.collection(collectionName)
    this.#parts = new MessageParts(link)
  }

  async ingest(communityId: string, messages: readonly WakuMessage[], state: MessageState): Promise<IngestResult> {
    for (const [index, message] of messages.entries()) checkMessage(communityId, index, message)
    const keys = new MessageKeys(communityId)
    const underWay: Promise<number>[] = []
    let stored = 0
    try {
      for (const part of slices(messages)) {
        const documents = await this.#toDocuments(keys, part, state)
        if (underWay.length === slicesAtOnce) stored += (await underWay.shift()) ?? 0
        const one = this.#ingestSlice(documents, state)
        // It is awaited later; nobody else is to take it for unheard.
        one.catch(() => {})
        underWay.push(one)
      }
      while (underWay.length > 0) stored += (await underWay.shift()) ?? 0
    } finally {
      await Promise.allSettled(underWay)
    }
    return { stored, known: messages.length - stored }
  }

  async #toDocuments(
    keys: MessageKeys,
    messages: readonly WakuMessage[],
    state: MessageState,
  ): Promise<MessageDocument[]> {
    const documents: MessageDocument[] = []
    for (const message of messages) {
      const isLong = message.payload.length > partBytes
      const parts = isLong ? await this.#parts.upload(keys.of(message), message) : undefined
      documents.push(toDocument(keys, message, state, parts))
    }
    // Two writers of the same messages take their locks in the same order.
    return documents.sort((a, b) => (a._id < b._id ? -1 : 1))
  }

  async #ingestSlice(documents: readonly MessageDocument[], state: MessageState): Promise<number> {
    const duplicates = await this.#link.run(
      'store messages',
      () => insertUnordered(this.#link.database, collectionName, documents),
      { repeatable: true },
    )
    const known = duplicates.flatMap((index) => documents[index]?._id ?? [])
    if (state !== 'pending') await this.#settle(known, state)
    for (const { _id, parts } of documents) if (parts !== undefined) await this.#removeOtherParts(_id)
    return documents.length - known.length
  }

  /** The message is there by now, this one or one that was faster: the parts of all others are of no use. */
  async #removeOtherParts(key: string): Promise<void> {
    const projection = { parts: 1 } as const
    const counts = await this.#link.run('read a message', () => this.#messages.findOne({ _id: key }, { projection }))
    if (counts !== null) await this.#parts.removeOthers(key, counts.parts)
  }

  async *pending(communityId: string, { before, topics }: PendingQuery): AsyncIterable<WakuMessage[]> {
    if (topics.length === 0) return
    const keys = new MessageKeys(communityId)
    const windows = new PendingWindows(Math.ceil(before))
    for (let window = windows.next(); window !== undefined; window = windows.next()) {
      const { from, to, afterKey = keys.from(from) } = window
      const filter = {
        pending: { $gte: keys.from(from), $lt: keys.from(to) },
        _id: { $gt: afterKey, $lt: keys.from(to) },
        ...hasTopic(topics),
      }
      const { found, full } = await this.#readPage(filter, { pending: 1, _id: 1 })
      const messages = await this.#toMessages(found)
      if (messages.length > 0) yield messages
      const [first, last, key] = [messages[0], messages.at(-1), found.at(-1)?._id]
      if (full && first !== undefined && last !== undefined && key !== undefined)
        windows.tookPart(first.timestamp, { timestamp: last.timestamp, key })
      else windows.tookAll()
    }
  }

  async *range(communityId: string, { from = 0, to = Infinity }: TimeRange): AsyncIterable<WakuMessage[]> {
    const keys = new MessageKeys(communityId)
    const end = to === Infinity ? keys.end : keys.from(to)
    let start = keys.from(from)
    while (true) {
      const { found, full } = await this.#readPage({ _id: { $gte: start, $lt: end } }, { _id: 1 })
      if (found.length > 0) yield await this.#toMessages(found)
      const last = found.at(-1)
      if (!full || last === undefined) return
      start = `${last._id} `
    }
  }

  /** No cursor stays open between pages, and one that dies within a page is asked for again. */
  async #readPage(filter: Filter<MessageDocument>, order: Sort): Promise<Page> {
    return this.#link.run(
      'read messages',
      async () => {
        const found: FoundMessage[] = []
        let bytes = 0
        const cursor = this.#messages
          .find(filter, { limit: page.rows, batchSize: page.rows })
          .sort(order)
          .project<FoundMessage>({ pending: 0, state: 0 })
        for await (const message of cursor) {
          found.push(message)
          bytes += (message.payload?.length ?? message.parts?.sizeBytes ?? 0) + 400
          if (bytes >= page.bytes) return { found, full: true }
        }
        return { found, full: found.length >= page.rows }
      },
      { repeatable: true },
    )
  }

  async #toMessages(found: readonly FoundMessage[]): Promise<WakuMessage[]> {
    const messages: WakuMessage[] = []
    for (const each of found) {
      const payload = each.parts === undefined ? undefined : await this.#parts.read(each._id, each.parts)
      messages.push(toMessage(each, payload))
    }
    return messages
  }

  async settle(
    communityId: string,
    messages: readonly MessageKey[],
    state: Exclude<MessageState, 'pending'>,
  ): Promise<void> {
    const keys = new MessageKeys(communityId)
    const ids = messages.map((message) => keys.of(message)).sort()
    await this.#settle(ids, state)
  }

  async #settle(ids: readonly string[], state: Exclude<MessageState, 'pending'>): Promise<void> {
    const update = { $unset: { pending: '' }, ...(state === 'too-large' && { $set: { state } }) } as const
    for (let start = 0; start < ids.length; start += settledAtOnce) {
      const filter = { _id: { $in: ids.slice(start, start + settledAtOnce) }, pending: { $exists: true } }
      await this.#link.run('settle messages', () => this.#messages.updateMany(filter, update), { repeatable: true })
    }
  }

  async span(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSpan> {
    if (topics?.length === 0) return {}
    const filter = { ...allOf(new MessageKeys(communityId)), ...(topics && hasTopic(topics)) }
    const end = (direction: 1 | -1): Promise<Pick<MessageDocument, '_id'> | null> =>
      this.#link.run('find the age of messages', () =>
        this.#messages.findOne(filter, { sort: { _id: direction }, projection: { _id: 1 } }),
      )
    const [oldest, newest] = await Promise.all([end(1), end(-1)])
    if (oldest === null || newest === null) return {}
    return { oldest: parseMessageKey(oldest._id).timestamp, newest: parseMessageKey(newest._id).timestamp }
  }

  async pendingCount(communityId: string, topics?: readonly Uint8Array[]): Promise<number> {
    if (topics?.length === 0) return 0
    const keys = new MessageKeys(communityId)
    const filter = { pending: { $gte: keys.from(0), $lt: keys.end }, ...(topics && hasTopic(topics)) }
    return this.#link.run('count pending messages', () => this.#messages.countDocuments(filter))
  }

  async summary(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSummary> {
    if (topics?.length === 0) return { messages: 0, pending: 0 }
    const filter = { ...allOf(new MessageKeys(communityId)), ...(topics && hasTopic(topics)) }
    const [messages, pending, span] = await Promise.all([
      this.#link.run('count messages', () => this.#messages.countDocuments(filter)),
      this.pendingCount(communityId, topics),
      this.span(communityId, topics),
    ])
    return { messages, pending, ...span }
  }

  async deleteCommunity(communityId: string): Promise<void> {
    const keys = new MessageKeys(communityId)
    const filter = allOf(keys)
    while (true) {
      const last = await this.#link.run('find messages to delete', () =>
        this.#messages.findOne(filter, { sort: { _id: 1 }, projection: { _id: 1 }, skip: deletedAtOnce }),
      )
      const to = last?._id ?? keys.end
      await this.#link.run('delete messages', () => this.#messages.deleteMany({ _id: { $gte: keys.from(0), $lt: to } }))
      await this.#parts.removeRange(keys.from(0), to)
      if (last === null) return
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The link is closed by whoever made it.
  }
}

function allOf(keys: MessageKeys): { readonly _id: { readonly $gte: string; readonly $lt: string } } {
  return { _id: { $gte: keys.from(0), $lt: keys.end } }
}

function hasTopic(topics: readonly Uint8Array[]): Pick<Filter<MessageDocument>, 'topic'> {
  return { topic: { $in: topics.map((topic) => new Binary(topic)) } }
}

function checkMessage(communityId: string, index: number, message: WakuMessage): void {
  const { timestamp, hash, topic, sig, padding, thirdPartyId } = message
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw new InvalidMessageError(communityId, index, 'timestamp', 'whole Unix seconds')
  if (hash.length === 0 || hash.length > 256)
    throw new InvalidMessageError(communityId, index, 'hash', 'bytes, at most 256 of them')
  // What stands beside the payload goes into one document of 16 MiB with up to 8 MiB of it.
  for (const [field, { length }] of Object.entries({ topic, sig, padding, thirdPartyId }))
    if (length > 1024 * 1024) throw new InvalidMessageError(communityId, index, field, 'at most 1 MiB')
}

function* slices(messages: readonly WakuMessage[]): Iterable<readonly WakuMessage[]> {
  let start = 0
  let bytes = 0
  for (const [index, message] of messages.entries()) {
    const size = messageBytes(message)
    if (index > start && (index - start >= slice.rows || bytes + size > slice.bytes)) {
      yield messages.slice(start, index)
      start = index
      bytes = 0
    }
    bytes += size
  }
  if (start < messages.length) yield messages.slice(start)
}
