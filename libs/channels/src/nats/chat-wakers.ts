import { encodeToken, getMessage, isNatsError, pauseFor, streamInfo, type NatsLink } from '@annals/nats'
import type { Subscription } from '@nats-io/transport-node'
import { channelSubjects, chatToken } from './channel-stream.ts'

/** Looks that often for what no subscription told of. */
const pollMilliseconds = 30_000

/** So many messages are looked at one by one; if there are more, everybody looks for himself. */
const pollMessages = 100

/** A message is seen on its way, when the stream may not have it yet; looked for again after these times. */
const lagMilliseconds = [50, 500, 5000]

export interface Waker {
  wake(): void
  /** The server was away: the stream may have been set back. */
  doubt(): void
}

/**
 * Wakes those that read a chat when something may be new there. One subscription serves all chats of the process, so
 * thousands of them can be listened to; what counts is what the stream holds, this only says when to look.
 */
export class ChatWakers implements Disposable {
  readonly #link: NatsLink
  readonly #stream: string
  readonly #subjects: string
  readonly #wakers = new Map<string, Set<Waker>>()
  /** From the first reader on: who only publishes need not hear, nor be allowed to. */
  #subscription: Subscription | undefined
  readonly #reconnected: Disposable
  readonly #stop = new AbortController()
  /** Chats to which somebody pays attention just now because of a message on its way. */
  readonly #expecting = new Set<string>()
  /** Everything up to it was told of. */
  #position: number

  constructor(link: NatsLink, namespace: string, stream: string, position: number) {
    this.#link = link
    this.#stream = stream
    this.#subjects = channelSubjects(namespace)
    this.#position = position
    this.#reconnected = link.onReconnect(() => this.#doubtAll())
    void this.#poll()
  }

  listen(chatId: string, waker: Waker): Disposable {
    this.#subscription ??= this.#link.connection.subscribe(this.#subjects, {
      callback: (error, message) => {
        if (error === null) void this.#seen(chatToken(message.subject))
      },
    })
    const token = encodeToken(chatId)
    const wakers = this.#wakers.get(token) ?? new Set()
    this.#wakers.set(token, wakers.add(waker))
    return {
      [Symbol.dispose]: () => {
        wakers.delete(waker)
        if (wakers.size === 0 && this.#wakers.get(token) === wakers) this.#wakers.delete(token)
      },
    }
  }

  async #seen(token: string): Promise<void> {
    this.#wake(token)
    if (!this.#wakers.has(token) || this.#expecting.has(token)) return
    this.#expecting.add(token)
    for (const milliseconds of lagMilliseconds) {
      await pauseFor(milliseconds, this.#stop.signal)
      this.#wake(token)
    }
    this.#expecting.delete(token)
  }

  async #poll(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await pauseFor(pollMilliseconds, this.#stop.signal)
      try {
        if (this.#wakers.size > 0) await this.#look()
      } catch (error) {
        // Whoever reads meets the same trouble; the next look comes by itself.
        if (!isNatsError(error)) throw error
      }
    }
  }

  /** What the stream took since the last look. */
  async #look(): Promise<void> {
    for (let count = 0; count < pollMessages; count++) {
      const question = { seq: this.#position + 1, next_by_subj: this.#subjects }
      const message = await getMessage(this.#link, this.#stream, question)
      if (message === undefined) return
      this.#position = message.sequence
      this.#wake(chatToken(message.subject))
    }
    const info = await streamInfo(this.#link, this.#stream)
    this.#position = info?.state.last_seq ?? this.#position
    this.wakeAll()
  }

  #doubtAll(): void {
    // Positions behind the stream's end would hide what comes.
    this.#position = 0
    for (const wakers of this.#wakers.values()) for (const waker of wakers) waker.doubt()
    this.wakeAll()
  }

  wakeAll(): void {
    for (const token of this.#wakers.keys()) this.#wake(token)
  }

  #wake(token: string): void {
    for (const waker of this.#wakers.get(token) ?? []) waker.wake()
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.#reconnected[Symbol.dispose]()
    if (this.#subscription?.isClosed() === false) this.#subscription.unsubscribe()
    this.wakeAll()
  }
}
