import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { StatementSync } from 'node:sqlite'
import { GroupCommit, openDatabase, StorageIoError, takePage, type Database } from '@annals/sqlite'
import type {
  ChannelMessage,
  CommunityChannel,
  HoldsOptions,
  PublishOptions,
  ReceiveOptions,
} from '../community-channel.ts'
import { ChannelClosedError, ChannelUnavailableError, InvalidCursorError, PayloadTooLargeError } from '../errors.ts'
import { channelSchema } from './channel-schema.ts'
import { ChatListeners } from './chat-listeners.ts'
import { FolderWatch } from './folder-watch.ts'

export interface FolderChannelOptions {
  /** A folder on a disk of this machine (not a network drive); made where it is missing. */
  readonly folder: string
  /** Unix milliseconds; stamps the messages. */
  readonly now?: () => number
}

/** As a Waku node takes them by default: 150 KiB. */
const limitBytes = 150 * 1024

interface Row {
  readonly sequence: number
  readonly time_ms: number
  readonly payload: Uint8Array
  readonly traceparent: string | null
}

/**
 * A community channel for the processes of one machine: a file in a folder that all of them have open. Keeps
 * everything. What is published survives a power loss.
 * @throws NotADatabaseError, SchemaTooNewError, StorageIoError
 */
export async function openFolderChannel(options: FolderChannelOptions): Promise<CommunityChannel> {
  const { folder, now = Date.now } = options
  const database = await openDatabase({
    path: join(folder, 'channel.db'),
    schema: channelSchema,
    busyTimeoutMilliseconds: 10_000,
  })
  return new FolderChannel(folder, database, now)
}

class FolderChannel implements CommunityChannel {
  readonly #database: Database
  readonly #now: () => number
  readonly #commits: GroupCommit
  readonly #listeners: ChatListeners
  readonly #watch: FolderWatch
  readonly #channelId: string
  readonly #insert: StatementSync
  readonly #after: StatementSync
  readonly #find: StatementSync

  constructor(folder: string, database: Database, now: () => number) {
    this.#database = database
    this.#now = now
    this.#listeners = new ChatListeners(database)
    this.#commits = new GroupCommit(database, () => this.#listeners.look())
    this.#watch = new FolderWatch(folder, () => this.#listeners.look())
    const channel = database.prepare('SELECT id FROM channel')
    this.#channelId = String(database.read(() => channel.get())?.['id'])
    this.#insert = database.prepare(
      'INSERT INTO messages (chat, digest, time_ms, payload, traceparent) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#after = database.prepare(
      'SELECT sequence, time_ms, payload, traceparent FROM messages WHERE chat = ? AND sequence > ? ORDER BY sequence',
    )
    this.#find = database.prepare('SELECT 1 FROM messages WHERE chat = ? AND digest = ?')
  }

  async publish(chatId: string, payload: Uint8Array, { traceparent }: PublishOptions = {}): Promise<void> {
    this.#checkOpen()
    if (payload.length > limitBytes) throw new PayloadTooLargeError(chatId, payload.length, limitBytes)
    const digest = digestOf(payload)
    // A copy: the caller may use its buffer again before the turn of the event loop in which it is written.
    const bytes = new Uint8Array(payload)
    try {
      await this.#commits.run(() => this.#insert.run(chatId, digest, this.#now(), bytes, traceparent ?? null))
    } catch (error) {
      throw error instanceof StorageIoError ? new ChannelUnavailableError('publish', error) : error
    }
  }

  async holds(chatId: string, payload: Uint8Array, { signal }: HoldsOptions): Promise<boolean | 'unknown'> {
    this.#checkOpen()
    if (signal.aborted) return 'unknown'
    try {
      return this.#database.read(() => this.#find.get(chatId, digestOf(payload))) !== undefined
    } catch (error) {
      throw error instanceof StorageIoError ? new ChannelUnavailableError('look for a message', error) : error
    }
  }

  async *receive(chatId: string, options: ReceiveOptions): AsyncIterable<ChannelMessage> {
    const { signal } = options
    let after = options.after === undefined ? 0 : this.#sequenceOf(chatId, options.after)
    using _watching = this.#watch.start()
    using listener = this.#listeners.listen(chatId)
    while (!signal.aborted) {
      this.#checkOpen()
      listener.reset()
      const { items, full } = this.#page(chatId, after)
      for (const row of items) {
        after = row.sequence
        yield this.#toMessage(row)
        if (signal.aborted) return
      }
      if (!full) await listener.changed(signal)
    }
  }

  #page(chatId: string, after: number): { readonly items: Row[]; readonly full: boolean } {
    try {
      return this.#database.read(() =>
        takePage(
          this.#after.iterate(chatId, after) as Iterable<unknown> as Iterable<Row>,
          { rows: 100, bytes: 4 * 1024 * 1024 },
          (row) => row,
          (row) => row.payload.length,
        ),
      )
    } catch (error) {
      throw error instanceof StorageIoError ? new ChannelUnavailableError('receive', error) : error
    }
  }

  #toMessage({ sequence, time_ms, payload, traceparent }: Row): ChannelMessage {
    const carried = traceparent === null ? {} : { traceparent }
    return { cursor: this.#cursorOf(sequence), payload, timeMilliseconds: time_ms, ...carried }
  }

  #cursorOf(sequence: number): string {
    return `${this.#channelId}.${sequence}`
  }

  #sequenceOf(chatId: string, cursor: string): number {
    const [, channelId, digits] = /^([0-9a-f]{16})\.(\d{1,15})$/.exec(cursor) ?? []
    if (channelId === undefined)
      throw new InvalidCursorError(chatId, cursor, 'it is not of the form this channel gives')
    if (channelId !== this.#channelId)
      throw new InvalidCursorError(chatId, cursor, 'it belongs to another channel folder')
    return Number(digits)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#database.isOpen) return
    this.#commits.flush()
    this.#database.close()
    this.#listeners.wakeAll()
  }

  #checkOpen(): void {
    if (!this.#database.isOpen) throw new ChannelClosedError()
  }
}

function digestOf(payload: Uint8Array): Uint8Array {
  return createHash('sha256').update(payload).digest()
}
