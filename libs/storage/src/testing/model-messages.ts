import type { WakuMessage } from '@annals/archive'
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

interface Held {
  readonly message: WakuMessage
  readonly state: MessageState
}

/** A message store as the port describes it, in plain words: for comparing adapters with. */
export class ModelMessages implements MessageStore {
  readonly #communities = new Map<string, Map<string, Held>>()

  async ingest(communityId: string, messages: readonly WakuMessage[], state: MessageState): Promise<IngestResult> {
    const held = this.#of(communityId)
    const before = held.size
    for (const message of messages) {
      const known = held.get(keyOf(message))
      if (known === undefined) held.set(keyOf(message), { message, state })
      else if (known.state === 'pending') held.set(keyOf(message), { ...known, state })
    }
    const stored = held.size - before
    return { stored, known: messages.length - stored }
  }

  async *pending(communityId: string, { before, topics }: PendingQuery): AsyncIterable<WakuMessage[]> {
    const wanted = new Set(topics.map(hex))
    yield this.#messages(communityId, ({ message, state }) => {
      return state === 'pending' && message.timestamp < before && wanted.has(hex(message.topic))
    })
  }

  async settle(communityId: string, keys: readonly MessageKey[], state: MessageState): Promise<void> {
    const held = this.#of(communityId)
    for (const key of keys) {
      const known = held.get(keyOf(key))
      if (known?.state === 'pending') held.set(keyOf(key), { ...known, state })
    }
  }

  async *range(communityId: string, { from = 0, to = Infinity }: TimeRange): AsyncIterable<WakuMessage[]> {
    yield this.#messages(communityId, ({ message }) => message.timestamp >= from && message.timestamp < to)
  }

  async summary(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSummary> {
    const wanted = topics && new Set(topics.map(hex))
    const isWanted = ({ message }: Held): boolean => wanted === undefined || wanted.has(hex(message.topic))
    const messages = this.#messages(communityId, isWanted)
    const pending = this.#messages(communityId, (held) => isWanted(held) && held.state === 'pending')
    const counts = { messages: messages.length, pending: pending.length }
    const [oldest, newest] = [messages[0], messages.at(-1)]
    if (oldest === undefined || newest === undefined) return counts
    return { ...counts, oldest: oldest.timestamp, newest: newest.timestamp }
  }

  async span(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSpan> {
    const { messages: _messages, pending: _pending, ...span } = await this.summary(communityId, topics)
    return span
  }

  async pendingCount(communityId: string, topics?: readonly Uint8Array[]): Promise<number> {
    return (await this.summary(communityId, topics)).pending
  }

  async deleteCommunity(communityId: string): Promise<void> {
    this.#communities.delete(communityId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#communities.clear()
  }

  #of(communityId: string): Map<string, Held> {
    const held = this.#communities.get(communityId) ?? new Map<string, Held>()
    this.#communities.set(communityId, held)
    return held
  }

  #messages(communityId: string, test: (held: Held) => boolean): WakuMessage[] {
    return inOrder([...this.#of(communityId).values()].filter(test).map(({ message }) => message))
  }
}

/** By (timestamp, hash), as every reading is. */
export function inOrder(messages: readonly WakuMessage[]): WakuMessage[] {
  return messages.toSorted((a, b) => a.timestamp - b.timestamp || Buffer.compare(a.hash, b.hash))
}

function keyOf({ timestamp, hash }: MessageKey): string {
  return `${timestamp} ${hex(hash)}`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
