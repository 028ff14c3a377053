import { createHash } from 'node:crypto'
import { sizeOnWireBytes, Turns } from '@annals/waku'
import type { ChatTopic, WakuFeed, WakuLog, WakuMessage, WakuNode } from '@annals/waku'
import type {
  ChannelMessage,
  CommunityChannel,
  HoldsOptions,
  PublishOptions,
  ReceiveOptions,
} from '../community-channel.ts'
import { ChannelClosedError, ChannelUnavailableError, PayloadTooLargeError } from '../errors.ts'
import { parseCursor } from './channel-cursor.ts'
import { findPayload } from './find-payload.ts'
import { MessageNotConfirmedError } from './errors.ts'
import type { PayloadCodec } from './payload-codec.ts'
import { ChatReading } from './read-chat.ts'
import { sendMessage } from './send-message.ts'

export interface WakuChannelOptions {
  /** The caller's; closed after the channel. */
  readonly feed: WakuFeed
  /** Messages are given to one of them, the first one first. */
  readonly relays: readonly WakuNode[]
  /** At least one: what no store has does not count as published. */
  readonly stores: readonly WakuNode[]
  readonly codec: PayloadCodec
  /** The shard's topic on which a chat travels. */
  readonly pubsubTopicOf: (chatId: string) => string
  /** `relay` where absent. */
  readonly publishBy?: 'relay' | 'lightpush'
  /** How long a publisher waits for a store to have its message, sending it again meanwhile. 60,000 where absent. */
  readonly publishMilliseconds?: number
  /** How long messages are held back to be read in the order of their times. 2,000 where absent. */
  readonly settleMilliseconds?: number
  /** The same bytes on the same chat are not sent again for so long. 3,600,000 where absent. */
  readonly repeatMilliseconds?: number
  readonly log?: WakuLog
  /** Unix milliseconds; stamps the messages. */
  readonly now?: () => number
}

/** What nodes take by default. */
const wireLimitBytes = 150 * 1024
const publishingAtOnce = 16
const mostRemembered = 10_000

/**
 * A community channel over Waku nodes. What it carries is kept by the stores for as long as they keep anything (30 days).
 * Messages are read in the order of their times where none is later than the time to settle.
 */
export function openWakuChannel(options: WakuChannelOptions): CommunityChannel {
  return new WakuChannel(options)
}

class WakuChannel implements CommunityChannel {
  readonly #options: WakuChannelOptions
  readonly #log: WakuLog
  readonly #now: () => number
  readonly #closed = new AbortController()
  readonly #turns = new Turns(publishingAtOnce)
  readonly #underWay = new Map<string, Promise<void>>()
  /** When bytes on a chat were confirmed, by their digest; the oldest first. */
  readonly #published = new Map<string, number>()
  #lastNanoseconds = 0n

  constructor(options: WakuChannelOptions) {
    this.#options = options
    this.#log = options.log ?? { info: () => {}, warn: () => {} }
    this.#now = options.now ?? Date.now
  }

  async publish(chatId: string, payload: Uint8Array, { again = false }: PublishOptions = {}): Promise<void> {
    this.#checkOpen()
    if (payload.length > wireLimitBytes) throw new PayloadTooLargeError(chatId, payload.length, wireLimitBytes)
    const digest = createHash('sha256').update(`${chatId.length} ${chatId}`).update(payload).digest('base64')
    const repeatMilliseconds = this.#options.repeatMilliseconds ?? 3_600_000
    const sinceMilliseconds = this.#now() - (this.#published.get(digest) ?? -Infinity)
    if (!again && sinceMilliseconds < repeatMilliseconds) return
    const underWay = this.#underWay.get(digest)
    if (underWay !== undefined) return underWay
    // A copy: the caller may use its buffer again before a second try.
    const bytes = new Uint8Array(payload)
    const publishing = this.#turns.run(() => this.#send(chatId, bytes)).finally(() => this.#underWay.delete(digest))
    this.#underWay.set(digest, publishing)
    await publishing
    this.#remember(digest)
  }

  #remember(digest: string): void {
    this.#published.delete(digest)
    this.#published.set(digest, this.#now())
    const [oldest] = this.#published.keys()
    if (this.#published.size > mostRemembered && oldest !== undefined) this.#published.delete(oldest)
  }

  async #send(chatId: string, payload: Uint8Array): Promise<void> {
    const { relays, stores, publishBy = 'relay', publishMilliseconds: patienceMilliseconds = 60_000 } = this.#options
    this.#checkOpen()
    const topic = this.#topicOf(chatId)
    try {
      await sendMessage({
        relays,
        stores,
        publishBy,
        topic,
        patienceMilliseconds,
        signal: this.#closed.signal,
        make: () => this.#make(chatId, topic, payload),
      })
    } catch (error) {
      if (this.#closed.signal.aborted) throw new ChannelClosedError()
      throw error instanceof MessageNotConfirmedError ? new ChannelUnavailableError('publish', error) : error
    }
  }

  async #make(chatId: string, { contentTopic }: ChatTopic, payload: Uint8Array): Promise<WakuMessage> {
    const encrypted = await this.#options.codec.encrypt(chatId, payload)
    // The time is taken last, and never twice: it is what messages are in order by.
    const now = BigInt(Math.floor(this.#now())) * 1_000_000n
    this.#lastNanoseconds = now > this.#lastNanoseconds ? now : this.#lastNanoseconds + 1n
    const message: WakuMessage = {
      payload: encrypted,
      contentTopic,
      meta: new Uint8Array(),
      version: 1,
      timestampNanoseconds: this.#lastNanoseconds,
      isEphemeral: false,
    }
    const overheadBytes = sizeOnWireBytes(message) - payload.length
    const limitBytes = wireLimitBytes - overheadBytes
    if (payload.length > limitBytes) throw new PayloadTooLargeError(chatId, payload.length, limitBytes)
    return message
  }

  async holds(
    chatId: string,
    payload: Uint8Array,
    { sinceMilliseconds, signal }: HoldsOptions,
  ): Promise<boolean | 'unknown'> {
    this.#checkOpen()
    const { relays, stores, codec } = this.#options
    const found = await findPayload({
      chatId,
      payload,
      topic: this.#topicOf(chatId),
      relays,
      stores,
      codec,
      sinceMilliseconds,
      signal: AbortSignal.any([signal, this.#closed.signal]),
    })
    this.#checkOpen()
    return found
  }

  async *receive(chatId: string, options: ReceiveOptions): AsyncIterable<ChannelMessage> {
    this.#checkOpen()
    const start =
      options.after === undefined
        ? { fromNanoseconds: undefined, read: new Set<string>() }
        : parseCursor(chatId, options.after)
    const { feed, stores, codec, settleMilliseconds = 2_000 } = this.#options
    const signal = AbortSignal.any([options.signal, this.#closed.signal])
    const reading = new ChatReading({
      chatId,
      topic: this.#topicOf(chatId),
      start,
      feed,
      stores,
      codec,
      settleMilliseconds,
      log: this.#log,
      now: this.#now,
      signal,
    })
    yield* reading.messages()
    if (!options.signal.aborted) this.#checkOpen()
  }

  #topicOf(chatId: string): ChatTopic {
    const { codec, pubsubTopicOf } = this.#options
    return { pubsubTopic: pubsubTopicOf(chatId), contentTopic: codec.contentTopicOf(chatId) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    await Promise.allSettled(this.#underWay.values())
  }

  #checkOpen(): void {
    if (this.#closed.signal.aborted) throw new ChannelClosedError()
  }
}
