import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WakuMessage } from '@annals/archive'
import { openDatabase, takePage, type Database } from '@annals/sqlite'
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
import { messageSchema } from './message-schema.ts'
import { prepareMessageStatements, type MessageStatements } from './message-statements.ts'
import { rowBytes, toMessage, type MessageRow } from './message-rows.ts'
import { TopicChanges, topicKey } from './topic-counts.ts'

export interface SqliteMessagesOptions {
  /** The database file; made where it is missing, with the folders above it. */
  readonly path: string
}

/** What is read or written at once; longer batches go in several transactions, so that others get their turn. */
const slice = { rows: 4000, bytes: 8 * 1024 * 1024 }

/**
 * Messages in one SQLite file. An `ingest` of more than 4,000 messages or 8 MiB is several transactions: when it
 * fails, some of the batch may be stored, and giving it again is harmless.
 * @throws NotADatabaseError, SchemaTooNewError, StorageIoError
 */
export async function openSqliteMessages(options: SqliteMessagesOptions): Promise<MessageStore> {
  const database = await openDatabase({
    path: options.path,
    schema: messageSchema,
    pageBytes: 8192,
    cacheBytes: 32 * 1024 * 1024,
  })
  const store = new SqliteMessages(database)
  try {
    await store.finishDeletions()
    return store
  } catch (error) {
    database.close()
    throw error
  }
}

interface PendingTopic {
  readonly topic: Uint8Array
  readonly pending: number
}

class SqliteMessages implements MessageStore {
  readonly #database: Database
  readonly #statements: MessageStatements

  constructor(database: Database) {
    this.#database = database
    this.#statements = prepareMessageStatements(database)
  }

  async ingest(communityId: string, messages: readonly WakuMessage[], state: MessageState): Promise<IngestResult> {
    for (const [index, message] of messages.entries()) checkMessage(communityId, index, message)
    const parts = [...slices(messages)]
    const last = parts.at(-1)
    let stored = 0
    for (const part of parts) {
      // The last commit waits for the disk, and what came before it is on the disk then too.
      const durability = part === last ? 'power-loss' : 'process'
      stored += this.#database.transaction(() => this.#ingestSlice(communityId, part, state), durability)
      if (part !== last) await nextTurn()
    }
    return { stored, known: messages.length - stored }
  }

  #ingestSlice(communityId: string, messages: readonly WakuMessage[], state: MessageState): number {
    const { insert, addPending, upsertTopic } = this.#statements
    const community = this.#communityNumber(communityId) ?? this.#addCommunity(communityId)
    const changes = new TopicChanges()
    const known: MessageKey[] = []
    let stored = 0
    for (const { timestamp, hash, topic, sig, padding, thirdPartyId, payload } of messages) {
      const result = insert.run(community, timestamp, hash, topic, sig, padding, thirdPartyId, payload)
      if (result.changes === 1) {
        stored += 1
        changes.added(topic, timestamp, state === 'pending')
        if (state === 'pending') addPending.run(community, timestamp, hash, topic)
      } else if (state !== 'pending') {
        known.push({ timestamp, hash })
      }
    }
    this.#settle(community, known, changes)
    changes.write(upsertTopic, community)
    return stored
  }

  async *pending(communityId: string, query: PendingQuery): AsyncIterable<WakuMessage[]> {
    const topics = JSON.stringify(query.topics.map((topic) => Buffer.from(topic).toString('hex')))
    yield* this.#pages(communityId, (community, timestamp, hash) =>
      this.#statements.pending.iterate(community, timestamp, hash, Math.ceil(query.before), topics),
    )
  }

  async *range(communityId: string, range: TimeRange): AsyncIterable<WakuMessage[]> {
    const from = Math.ceil(range.from ?? 0)
    const to = Math.ceil(range.to ?? Number.MAX_SAFE_INTEGER)
    yield* this.#pages(
      communityId,
      (community, timestamp, hash) => this.#statements.range.iterate(community, timestamp, hash, to),
      from,
    )
  }

  /** Follows a query page by page, each beginning behind the last message of the one before. */
  async *#pages(
    communityId: string,
    query: (community: number, afterTimestamp: number, afterHash: Uint8Array) => Iterable<unknown>,
    from = 0,
  ): AsyncIterable<WakuMessage[]> {
    // No hash is empty, so nothing is left out of the first second.
    let after: MessageKey = { timestamp: from, hash: new Uint8Array() }
    while (true) {
      const { items, full } = this.#database.read(() => {
        const community = this.#communityNumber(communityId)
        if (community === undefined) return { items: [], full: false }
        const rows = query(community, after.timestamp, after.hash) as Iterable<MessageRow>
        return takePage(rows, { rows: 1000, bytes: slice.bytes }, toMessage, rowBytes)
      })
      if (items.length > 0) yield items
      const last = items.at(-1)
      if (!full || last === undefined) return
      after = last
    }
  }

  async settle(
    communityId: string,
    messages: readonly MessageKey[],
    // Whether an archive holds a message or none can is told by the catalogue; here it only stops being pending.
    _state: Exclude<MessageState, 'pending'>,
  ): Promise<void> {
    for (let start = 0; start < messages.length; start += slice.rows) {
      if (start > 0) await nextTurn()
      this.#database.transaction(() => {
        const community = this.#communityNumber(communityId)
        if (community === undefined) return
        const changes = new TopicChanges()
        this.#settle(community, messages.slice(start, start + slice.rows), changes)
        changes.write(this.#statements.upsertTopic, community)
      })
    }
  }

  /**
   * What is pending in the messages' span of time is counted by topic before and after, as that takes less time than
   * asking for the topic of each. They stand close together: a slice of an archive does.
   */
  #settle(community: number, messages: readonly MessageKey[], changes: TopicChanges): void {
    let [from, to] = [Infinity, -Infinity]
    for (const { timestamp } of messages) {
      from = Math.min(from, timestamp)
      to = Math.max(to, timestamp)
    }
    const before = this.#pendingTopics(community, from, to)
    if (before.size === 0) return
    for (const { timestamp, hash } of messages) this.#statements.settle.run(community, timestamp, hash)
    const after = this.#pendingTopics(community, from, to)
    for (const [key, { topic, pending }] of before) changes.settled(topic, pending - (after.get(key)?.pending ?? 0))
  }

  #pendingTopics(community: number, from: number, to: number): Map<string, PendingTopic> {
    if (from > to) return new Map()
    const rows = this.#statements.pendingTopics.all(community, from, to) as unknown as PendingTopic[]
    return new Map(rows.map((row) => [topicKey(row.topic), row]))
  }

  async summary(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSummary> {
    const wanted = topics === undefined ? undefined : new Set(topics.map(topicKey))
    const rows = this.#database.read(() => {
      const community = this.#communityNumber(communityId)
      return community === undefined ? [] : this.#statements.topics.all(community)
    }) as { topic: Uint8Array; messages: number; pending: number; oldest: number; newest: number }[]
    const counted = rows.filter((row) => row.messages > 0 && (wanted === undefined || wanted.has(topicKey(row.topic))))
    const messages = counted.reduce((sum, row) => sum + row.messages, 0)
    const pending = counted.reduce((sum, row) => sum + row.pending, 0)
    if (messages === 0) return { messages, pending }
    return {
      messages,
      pending,
      oldest: Math.min(...counted.map((row) => row.oldest)),
      newest: Math.max(...counted.map((row) => row.newest)),
    }
  }

  async span(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSpan> {
    const { messages: _messages, pending: _pending, ...span } = await this.summary(communityId, topics)
    return span
  }

  async pendingCount(communityId: string, topics?: readonly Uint8Array[]): Promise<number> {
    return (await this.summary(communityId, topics)).pending
  }

  async deleteCommunity(communityId: string): Promise<void> {
    const { changes } = this.#database.transaction(() => this.#statements.forgetCommunity.run(communityId))
    if (changes > 0) await this.finishDeletions()
  }

  /** Removes the messages of communities that were forgotten; what a crash interrupted is done at the next opening. */
  async finishDeletions(): Promise<void> {
    for (const row of this.#database.read(() => this.#statements.forgotten.all())) {
      const community = Number(row['number'])
      while (this.#deleteSome(community)) await nextTurn()
    }
  }

  #deleteSome(community: number): boolean {
    const { deleteSome, deletePending, deleteTopics, deleteCommunity } = this.#statements
    return this.#database.transaction(() => {
      if (deleteSome.run(community, slice.rows).changes > 0) return true
      deletePending.run(community)
      deleteTopics.run(community)
      deleteCommunity.run(community)
      return false
    })
  }

  #communityNumber(communityId: string): number | undefined {
    const row = this.#statements.communityNumber.get(communityId)
    return row === undefined ? undefined : Number(row['number'])
  }

  #addCommunity(communityId: string): number {
    return Number(this.#statements.addCommunity.run(communityId).lastInsertRowid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close()
  }
}

function checkMessage(communityId: string, index: number, message: WakuMessage): void {
  if (!Number.isSafeInteger(message.timestamp) || message.timestamp < 0) {
    throw new InvalidMessageError(communityId, index, 'timestamp', 'whole Unix seconds')
  }
  if (message.hash.length === 0) throw new InvalidMessageError(communityId, index, 'hash', 'bytes')
}

function* slices(messages: readonly WakuMessage[]): Iterable<readonly WakuMessage[]> {
  let start = 0
  let bytes = 0
  for (const [index, { payload }] of messages.entries()) {
    bytes += payload.length
    if (index - start + 1 < slice.rows && bytes < slice.bytes) continue
    yield messages.slice(start, index + 1)
    start = index + 1
    bytes = 0
  }
  if (start < messages.length) yield start === 0 ? messages : messages.slice(start)
}
