import { createHash } from 'node:crypto'
import {
  checkJetStream,
  ensureStream,
  FlightLimit,
  getMessage,
  isNatsError,
  isPassing,
  isRefusal,
  patiently,
  refuseIfRefused,
  streamInfo,
} from '@annals/nats'
import type { NatsLink, NatsLog, StoredMessage } from '@annals/nats'
import { headers } from '@nats-io/transport-node'
import { ChatListener } from '../chat-listener.ts'
import type {
  ChannelMessage,
  CommunityChannel,
  HoldsOptions,
  PublishOptions,
  ReceiveOptions,
} from '../community-channel.ts'
import { ChannelClosedError, ChannelUnavailableError, PayloadTooLargeError } from '../errors.ts'
import { channelIdentity, formatCursor, parseCursor, type Place } from './channel-cursor.ts'
import { channelStream, chatSubjects, messageSubject } from './channel-stream.ts'
import { ChatWakers } from './chat-wakers.ts'

export interface NatsChannelOptions {
  /** The caller's; closed after the channel. */
  readonly link: NatsLink
  /** Stands before all subjects and names the stream; `annals` where nothing speaks for another one. */
  readonly namespace: string
  /** Servers that hold the stream. */
  readonly replicas: number
  readonly log?: Pick<NatsLog, 'warn'>
  /** Unix milliseconds; stamps the messages, which else have the server's time. */
  readonly now?: () => number
}

/** As a Waku node takes them by default: 150 KiB. */
const limitBytes = 150 * 1024

/** Thousands of chats are read at once; the server drops questions above 10,000 that wait. */
const flight = { messages: 200, bytes: Infinity }

/** How long a publisher waits for a server that is away for a moment. */
const patienceSeconds = 10

const timeHeader = 'annals-time'

/** As W3C names it; the same as on the events of the bus. */
const traceHeader = 'traceparent'

/**
 * A community channel in a stream of NATS JetStream, for any number of processes. Keeps everything.
 * @throws InvalidNatsOptionError, JetStreamUnavailableError, NatsPermissionError, JetStreamRefusedError
 */
export async function openNatsChannel(options: NatsChannelOptions): Promise<CommunityChannel> {
  const { link, namespace, replicas, log = { warn: () => {} } } = options
  const declaration = channelStream(namespace, replicas)
  const info = await patiently({ link, seconds: patienceSeconds }, async () => {
    await checkJetStream(link)
    return ensureStream(link, declaration, log)
  })
  const wakers = new ChatWakers(link, namespace, declaration.name, info.state.last_seq)
  return new NatsChannel(options, declaration.name, channelIdentity(info), wakers)
}

class NatsChannel implements CommunityChannel {
  readonly #link: NatsLink
  readonly #namespace: string
  readonly #stream: string
  readonly #identity: string
  readonly #wakers: ChatWakers
  readonly #now: (() => number) | undefined
  readonly #log: Pick<NatsLog, 'warn'>
  readonly #flight = new FlightLimit(flight)
  readonly #closed = new AbortController()

  constructor(options: NatsChannelOptions, stream: string, identity: string, wakers: ChatWakers) {
    this.#link = options.link
    this.#namespace = options.namespace
    this.#now = options.now
    this.#log = options.log ?? { warn: () => {} }
    this.#stream = stream
    this.#identity = identity
    this.#wakers = wakers
  }

  async publish(chatId: string, payload: Uint8Array, { traceparent }: PublishOptions = {}): Promise<void> {
    this.#checkOpen()
    if (payload.length > limitBytes) throw new PayloadTooLargeError(chatId, payload.length, limitBytes)
    const subject = this.#subjectOf(chatId, payload)
    // A copy: the caller may use its buffer again before a second try.
    const bytes = new Uint8Array(payload)
    const hdrs = headers()
    // The subject is these bytes on this chat, and is taken once.
    hdrs.append('Nats-Expected-Last-Subject-Sequence', '0')
    if (this.#now !== undefined) hdrs.append(timeHeader, String(Math.floor(this.#now())))
    if (traceparent !== undefined) hdrs.append(traceHeader, traceparent)
    await this.#ask('publish', patienceSeconds, this.#closed.signal, async () => {
      const answer = await this.#link.request(subject, bytes, { headers: hdrs })
      try {
        refuseIfRefused(subject, answer.json())
      } catch (error) {
        if (!isRefusal(error, 'wrongLastSequence')) throw error
      }
    })
  }

  async holds(chatId: string, payload: Uint8Array, { signal }: HoldsOptions): Promise<boolean | 'unknown'> {
    this.#checkOpen()
    const subject = this.#subjectOf(chatId, payload)
    const ending = AbortSignal.any([signal, this.#closed.signal])
    if (ending.aborted) return 'unknown'
    try {
      const holds = await this.#ask('look for a message', patienceSeconds, ending, async () => {
        return (await getMessage(this.#link, this.#stream, { last_by_subj: subject })) !== undefined
      })
      return holds ?? 'unknown'
    } catch (error) {
      if (error instanceof ChannelUnavailableError && isPassing(error.cause)) return 'unknown'
      throw error
    }
  }

  /** These bytes on this chat. */
  #subjectOf(chatId: string, payload: Uint8Array): string {
    const digest = createHash('sha256').update(payload).digest('base64url')
    return messageSubject(this.#namespace, chatId, digest)
  }

  async *receive(chatId: string, options: ReceiveOptions): AsyncIterable<ChannelMessage> {
    this.#checkOpen()
    const signal = AbortSignal.any([options.signal, this.#closed.signal])
    let last = options.after === undefined ? undefined : parseCursor(this.#identity, chatId, options.after)
    const listener = new ChatListener()
    let doubt = true
    using _listening = this.#wakers.listen(chatId, {
      wake: () => listener.wake(),
      doubt: () => void (doubt = true),
    })
    while (!this.#isOver(options.signal)) {
      listener.reset()
      const doubted = doubt
      doubt = false
      const message = await this.#next(chatId, last, doubted, signal)
      if (message === undefined) {
        await listener.changed(signal)
      } else if (message === 'set back') {
        this.#log.warn({ chatId }, 'the channel was set back; all that it holds of a chat is read again')
        last = undefined
      } else {
        last = message
        yield this.#toMessage(message)
      }
    }
  }

  /** Throws when the channel was closed under a reader that did not ask to stop. */
  #isOver(signal: AbortSignal): boolean {
    if (signal.aborted) return true
    this.#checkOpen()
    return false
  }

  async #next(
    chatId: string,
    last: Place | undefined,
    doubt: boolean,
    signal: AbortSignal,
  ): Promise<StoredMessage | 'set back' | undefined> {
    const filter = chatSubjects(this.#namespace, chatId)
    return this.#ask('receive', Infinity, signal, async () => {
      await this.#flight.enter(0)
      using _leaving = { [Symbol.dispose]: () => this.#flight.leave(0) }
      if (doubt && last !== undefined && (await this.#wasSetBack(last))) return 'set back'
      const after = last?.sequence ?? 0
      // Cheap wherever the chat's last message stands; the other question is not, and is asked only with a reason.
      const newest = await getMessage(this.#link, this.#stream, { last_by_subj: filter })
      if (newest === undefined || newest.sequence <= after) return undefined
      return await getMessage(this.#link, this.#stream, { seq: after + 1, next_by_subj: filter })
    })
  }

  /** A restored backup, or a disk that had not written: the position is another message's now, or nobody's yet. */
  async #wasSetBack(last: Place): Promise<boolean> {
    const there = await getMessage(this.#link, this.#stream, { seq: last.sequence })
    if (there !== undefined) return there.timeNanoseconds !== last.timeNanoseconds
    const info = await streamInfo(this.#link, this.#stream)
    return info !== undefined && info.state.last_seq < last.sequence
  }

  #toMessage(message: StoredMessage): ChannelMessage {
    const stamp = message.headers.get(timeHeader)
    const traceparent = message.headers.get(traceHeader)
    return {
      cursor: formatCursor(this.#identity, message),
      payload: message.payload,
      timeMilliseconds: stamp === '' ? Number(message.timeNanoseconds / 1_000_000n) : Number(stamp),
      ...(traceparent !== '' && { traceparent }),
    }
  }

  /** `undefined` where the signal ended it. */
  async #ask<T>(
    operation: string,
    seconds: number,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await patiently({ link: this.#link, seconds, signal }, work)
    } catch (error) {
      if (this.#closed.signal.aborted) throw new ChannelClosedError()
      if (signal.aborted) return undefined
      throw isNatsError(error) ? new ChannelUnavailableError(operation, error) : error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    this.#wakers[Symbol.dispose]()
  }

  #checkOpen(): void {
    if (this.#closed.signal.aborted) throw new ChannelClosedError()
  }
}
