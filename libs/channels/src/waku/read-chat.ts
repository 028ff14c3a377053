import { backoffMilliseconds, pauseFor, queryStores, StoresUnavailableError, LiveQueue } from '@annals/waku'
import type { CarriedMessage, ChatTopic, Listening, WakuFeed, WakuLog, WakuNode } from '@annals/waku'
import type { ChannelMessage } from '../community-channel.ts'
import { formatCursor } from './channel-cursor.ts'
import type { Place } from './channel-cursor.ts'
import type { PayloadCodec } from './payload-codec.ts'
import { ReadMessages } from './read-messages.ts'
import { SettlingMessages } from './settling-messages.ts'

export interface ReadChatOptions {
  readonly chatId: string
  readonly topic: ChatTopic
  readonly start: Place
  readonly feed: WakuFeed
  readonly stores: readonly WakuNode[]
  readonly codec: PayloadCodec
  readonly settleMilliseconds: number
  readonly log: WakuLog
  /** Unix milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Nobody waits longer in one go, so that no timer is too long for the system. */
const longestWaitMilliseconds = 60_000
const longestBackoffMilliseconds = 60_000
/** A store that is away must not hold up what the others have; when all are, they are asked again. */
const patienceMilliseconds = 2_000
/** The clocks of senders and ours may differ by so much: stores take no message with a larger difference than 20 s. */
const clockToleranceMilliseconds = 60_000

/** Reads one chat: first what the stores have, then what comes; what is lost on the way is had from the stores again. */
export class ChatReading {
  readonly #options: ReadChatOptions
  readonly #read: ReadMessages
  readonly #settling: SettlingMessages
  readonly #queue = new LiveQueue()

  constructor(options: ReadChatOptions) {
    this.#options = options
    this.#read = new ReadMessages(options.start, options.feed.overlapMilliseconds)
    this.#settling = new SettlingMessages(options.settleMilliseconds)
  }

  /** Until the signal aborts. */
  async *messages(): AsyncGenerator<ChannelMessage, void> {
    const { feed, topic, signal, now } = this.#options
    using listening = feed.listen(topic, (message) => this.#queue.push(message))
    yield* this.#history(listening, this.#options.start.fromNanoseconds)
    while (!signal.aborted) {
      if (this.#queue.takeLoss()) yield* this.#history(listening, this.#read.place(limitOf(listening)).fromNanoseconds)
      for (const message of this.#queue.take()) this.#settle(message)
      yield* this.#hand(() => limitOf(listening))
      await this.#queue.wait(this.#settling.untilDue(now()) ?? longestWaitMilliseconds, signal)
    }
  }

  /** What the stores have, in its order. Nothing that came later is handed over before: the place could not tell the gap. */
  async *#history(listening: Listening, start: bigint | undefined): AsyncGenerator<ChannelMessage, void> {
    const { stores, topic, signal, now, log, chatId } = this.#options
    let from = start
    for (let failed = 0; !signal.aborted; failed += 1) {
      const began = now()
      try {
        const query = {
          stores,
          topics: [topic],
          signal,
          patienceMilliseconds,
          ...(from !== undefined && { fromNanoseconds: from }),
        }
        for await (const { messages } of queryStores(query)) {
          for (const message of messages) this.#settle(message)
          from = messages.at(-1)?.message.timestampNanoseconds ?? from
          yield* this.#hand((message) => message.message.timestampNanoseconds)
        }
        listening.caughtUp(began)
        return
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof StoresUnavailableError)) throw error
        if (failed === 0) log.warn({ chatId, error }, 'no store answers; the chat is read when one does')
        await pauseFor(backoffMilliseconds(failed, longestBackoffMilliseconds), signal)
      }
    }
  }

  #settle(message: CarriedMessage): void {
    if (this.#read.has(message.hash) || this.#settling.has(message.hash)) return
    this.#settling.add(message, this.#options.now())
  }

  /** Hands over what is due. */
  async *#hand(limit: (message: CarriedMessage) => bigint): AsyncGenerator<ChannelMessage, void> {
    const { chatId, codec, now, signal } = this.#options
    for (const carried of this.#settling.take(now())) {
      if (signal.aborted) return
      const { payload: encrypted, timestampNanoseconds } = carried.message
      const payload = await codec.decrypt(chatId, encrypted)
      if (payload === undefined) this.#read.passOver(carried.hash)
      else if (this.#read.add(carried.hash, timestampNanoseconds, payload))
        yield {
          cursor: formatCursor(chatId, this.#read.place(limit(carried))),
          payload,
          timeMilliseconds: Number(timestampNanoseconds / 1_000_000n),
        }
    }
  }
}

/** Until here nothing is missing, as far as the stores know. */
function limitOf({ completeUntilMilliseconds = 0 }: Listening): bigint {
  return BigInt(Math.max(0, Math.floor(completeUntilMilliseconds - clockToleranceMilliseconds))) * 1_000_000n
}
