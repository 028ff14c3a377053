import { callJetStream } from '@annals/nats'
import type { NatsLink, NatsPermissionError } from '@annals/nats'
import { nuid } from '@nats-io/transport-node'
import { consumerFilter } from './consumer-filter.ts'
import { PullInbox, type Delivered } from './pull-inbox.ts'

export interface Reading {
  readonly link: NatsLink
  readonly stream: string
  /** All messages where there are none. */
  readonly filters: readonly string[]
  /** Whether it waits for what comes, or ends where nothing more is there. */
  readonly waits: boolean
}

const pageMessages = 256

/** How long the server keeps the consumer of a reader that thinks. */
const inactiveSeconds = 60

/** A pull of a reader that waits; if nothing is heard for longer, the consumer is lost. */
const expiresMilliseconds = 10_000
const silenceMilliseconds = 15_000

/**
 * Makes a consumer that lives as long as its reader. `start` is the part of the server's consumer configuration that says
 * where it begins. @throws as `callJetStream`
 */
export async function openReader(reading: Reading, start: object): Promise<StreamReader> {
  const { link, stream, filters } = reading
  const name = `read-${nuid.next()}`
  await callJetStream(link, `CONSUMER.CREATE.${stream}.${name}`, {
    stream_name: stream,
    action: 'create',
    config: {
      name,
      ...start,
      ...consumerFilter(link, filters),
      ack_policy: 'none',
      replay_policy: 'instant',
      inactive_threshold: inactiveSeconds * 1_000_000_000,
      mem_storage: true,
      num_replicas: 1,
    },
  })
  return new StreamReader(reading, name)
}

/** For `openReader`: begins behind a position. */
export function startBehind(sequence: number): object {
  return { deliver_policy: 'by_start_sequence', opt_start_seq: sequence + 1 }
}

/** Messages of one consumer, in order and none left out. */
export class StreamReader implements Disposable {
  readonly #reading: Reading
  readonly #name: string
  readonly #inbox: PullInbox
  readonly #lost: Disposable
  #arrived: Delivered[] = []
  #next = 0
  #expected = 1
  #open = 0
  #pull = 0
  #state: 'reading' | 'end' | 'lost' = 'reading'
  #refusal: NatsPermissionError | undefined
  #wake = Promise.withResolvers<void>()

  constructor(reading: Reading, name: string) {
    this.#reading = reading
    this.#name = name
    this.#inbox = new PullInbox(reading.link, reading.stream, name, {
      delivered: (message) => this.#take(message),
      status: (pull, code) => this.#ended(pull, code),
      refused: (refusal) => {
        this.#refusal = refusal
        this.#wake.resolve()
      },
    })
    this.#lost = reading.link.onDisconnect(() => this.#end('lost'))
  }

  /**
   * `end` where nothing more is there, `lost` where the consumer is gone or left something out.
   * @throws NatsPermissionError
   */
  async next(signal?: AbortSignal): Promise<Delivered | 'end' | 'lost'> {
    while (true) {
      const message = this.#arrived[this.#next]
      if (message !== undefined) return this.#inOrder(message)
      if (this.#refusal !== undefined) throw this.#refusal
      if (this.#state !== 'reading' || signal?.aborted === true) return this.#state === 'reading' ? 'end' : this.#state
      this.#wake = Promise.withResolvers()
      if (this.#open === 0) this.#ask()
      await this.#heard(signal)
    }
  }

  #inOrder(message: Delivered): Delivered | 'lost' {
    if (message.consumerSequence !== this.#expected) return 'lost'
    this.#expected += 1
    this.#next += 1
    if (this.#next === this.#arrived.length) {
      this.#arrived = []
      this.#next = 0
    }
    return message
  }

  #ask(): void {
    this.#open = pageMessages
    const { waits } = this.#reading
    this.#pull = this.#inbox.pull({ batch: pageMessages, ...(waits ? { expiresMilliseconds } : {}) })
  }

  #take(message: Delivered): void {
    this.#arrived.push(message)
    this.#open = Math.max(0, this.#open - 1)
    this.#wake.resolve()
  }

  #ended(pull: number, code: number): void {
    if (pull !== this.#pull) return
    this.#open = 0
    const { waits } = this.#reading
    // 404: no message. 408: the time is over. Anything else: the consumer is not there any more.
    if (code !== 404 && code !== 408) this.#end('lost')
    else if (!waits) this.#end('end')
    this.#wake.resolve()
  }

  #end(state: 'end' | 'lost'): void {
    this.#state = state
    this.#wake.resolve()
  }

  async #heard(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = this.#wake
    const wake = (): void => resolve()
    signal?.addEventListener('abort', wake)
    const timer = setTimeout(() => this.#end('lost'), silenceMilliseconds)
    await promise
    clearTimeout(timer)
    signal?.removeEventListener('abort', wake)
  }

  [Symbol.dispose](): void {
    this.#lost[Symbol.dispose]()
    this.#inbox.close()
    const { link, stream } = this.#reading
    // Only to be tidy: the server drops a consumer that nobody asks anything of.
    void callJetStream(link, `CONSUMER.DELETE.${stream}.${this.#name}`).catch(() => undefined)
  }
}
