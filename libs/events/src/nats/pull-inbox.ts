import type { NatsLink, NatsPermissionError, StoredMessage } from '@annals/nats'
import { headers } from '@nats-io/transport-node'
import type { Msg, Subscription } from '@nats-io/transport-node'

/** A message as a consumer hands it over. */
export interface Delivered extends StoredMessage {
  /** Where its acknowledgement goes. */
  readonly reply: string
  /** 1 at the first delivery, as the server counts. */
  readonly deliveries: number
  /** Counts what the consumer handed over, to anybody. */
  readonly consumerSequence: number
  /** Messages that waited for the consumer behind this one. */
  readonly pending: number
}

export interface PullOptions {
  readonly batch: number
  /** Without it the pull ends when there is nothing more. */
  readonly expiresMilliseconds?: number
  /** The server says that often that it is still there. */
  readonly heartbeatMilliseconds?: number
}

export interface PullListener {
  delivered(message: Delivered): void
  /** A pull ended before it was full, or `100` says that it goes on. `pull` is what `pull()` gave back. */
  status(pull: number, code: number, description: string): void
  /** The server lets this user not ask for messages; no pull is answered. */
  refused(refusal: NatsPermissionError): void
}

/** Where the messages of one pull consumer come in. */
export class PullInbox {
  readonly #link: NatsLink
  readonly #subject: string
  readonly #prefix: string
  readonly #listener: PullListener
  readonly #subscription: Subscription
  readonly #refusals: Disposable
  #pulls = 0

  constructor(link: NatsLink, stream: string, consumer: string, listener: PullListener) {
    this.#link = link
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`
    this.#prefix = `${link.createInbox()}.`
    this.#listener = listener
    this.#refusals = link.onRefused((refusal) => {
      if (refusal.subject === this.#subject) listener.refused(refusal)
    })
    this.#subscription = link.connection.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.#arrived(message)
      },
    })
  }

  /** Asks for messages; gives back a number that tells this pull from others. Without a connection nothing happens. */
  pull(options: PullOptions): number {
    const number = ++this.#pulls
    if (this.#link.state !== 'connected') return number
    const { batch, expiresMilliseconds, heartbeatMilliseconds } = options
    const body = {
      batch,
      ...(expiresMilliseconds === undefined ? { no_wait: true } : { expires: nanoseconds(expiresMilliseconds) }),
      ...(heartbeatMilliseconds === undefined ? {} : { idle_heartbeat: nanoseconds(heartbeatMilliseconds) }),
    }
    this.#link.connection.publish(this.#subject, JSON.stringify(body), { reply: `${this.#prefix}${number}` })
    return number
  }

  #arrived(message: Msg): void {
    // What the consumer itself says comes on the inbox's subject; a message keeps its own.
    if (message.subject.startsWith(this.#prefix)) {
      const pull = Number(message.subject.slice(this.#prefix.length))
      this.#listener.status(pull, message.headers?.code ?? 0, message.headers?.description ?? '')
      return
    }
    this.#listener.delivered(toDelivered(message))
  }

  /** Takes no more; resolves when what was on its way has come. */
  async drain(): Promise<void> {
    if (this.#subscription.isClosed() || this.#link.state !== 'connected') return this.close()
    await this.#subscription.drain()
  }

  close(): void {
    this.#refusals[Symbol.dispose]()
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe()
  }
}

function nanoseconds(milliseconds: number): number {
  return milliseconds * 1_000_000
}

function toDelivered(message: Msg): Delivered {
  const tokens = (message.reply ?? '').split('.')
  // $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<time>.<pending>, or since 2.11 possibly with
  // <domain>.<account> before the stream.
  const [deliveries, sequence, consumerSequence, time, pending] = tokens.slice(tokens.length >= 11 ? 6 : 4)
  return {
    subject: message.subject,
    sequence: Number(sequence),
    timeNanoseconds: BigInt(time ?? 0),
    headers: message.headers ?? headers(),
    payload: message.data,
    reply: message.reply ?? '',
    deliveries: Number(deliveries),
    consumerSequence: Number(consumerSequence),
    pending: Number(pending),
  }
}
