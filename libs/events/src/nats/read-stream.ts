import { callJetStream, getMessage, patiently } from '@annals/nats'
import type { NatsLink, NatsPermissionError, StoredMessage } from '@annals/nats'
import { nuid } from '@nats-io/transport-node'
import { consumerFilter, subjectFilter } from './consumer-filter.ts'
import { PullInbox, type Delivered } from './pull-inbox.ts'

export interface StreamQuestion {
  readonly link: NatsLink
  readonly stream: string
  readonly filters: readonly string[]
  /** Only messages behind this position. */
  readonly after: number
  /** Only messages up to this position; absent where the reading goes on with what comes. */
  readonly until?: number
  readonly signal?: AbortSignal
}

const pageMessages = 256

/** How long the server keeps the consumer of a reader that thinks. */
const inactiveSeconds = 60

/** A pull of a reader that waits; if nothing is heard for longer, the consumer is lost. */
const expiresMilliseconds = 10_000
const silenceMilliseconds = 15_000

/** How long a reading that has an end waits for a server that is away. */
const patienceSeconds = 10

/**
 * Messages of a stream in order, none left out: over a consumer that lives as long as the reading and is made anew
 * where it was whenever something goes wrong. When the stream was set back meanwhile (a restored backup, a power loss),
 * a reading that follows goes on with what was written after its last message.
 */
export async function* readStream(question: StreamQuestion): AsyncGenerator<StoredMessage, void> {
  const { signal, until } = question
  const isWanted = subjectFilter(question.filters)
  let last: StoredMessage | undefined
  const aborted = (): boolean => signal?.aborted === true
  while (!aborted()) {
    using page = await openReader(question, last)
    while (true) {
      const next = await page.next(signal)
      if (next === 'end' || aborted()) return
      if (next === 'lost') break
      if (until !== undefined && next.sequence > until) return
      last = next
      // An older server gives more than was asked for.
      if (isWanted(next.subject)) yield next
      if (until !== undefined && (next.sequence === until || next.pending === 0)) return
    }
  }
}

async function openReader(question: StreamQuestion, last: StoredMessage | undefined): Promise<Reader> {
  const { link, stream, until, signal } = question
  const patience = { link, seconds: until === undefined ? Infinity : patienceSeconds, ...(signal ? { signal } : {}) }
  return patiently(patience, async () => {
    const name = `read-${nuid.next()}`
    await callJetStream(link, `CONSUMER.CREATE.${stream}.${name}`, {
      stream_name: stream,
      action: 'create',
      config: {
        name,
        ...(await startOf(question, last)),
        ...consumerFilter(link, question.filters),
        ack_policy: 'none',
        replay_policy: 'instant',
        inactive_threshold: inactiveSeconds * 1_000_000_000,
        mem_storage: true,
        num_replicas: 1,
      },
    })
    return new Reader(question, name)
  })
}

async function startOf(question: StreamQuestion, last: StoredMessage | undefined): Promise<object> {
  if (last === undefined) return startBehind(question.after)
  const there = await getMessage(question.link, question.stream, { seq: last.sequence })
  if (there?.timeNanoseconds === last.timeNanoseconds) return startBehind(last.sequence)
  return { deliver_policy: 'by_start_time', opt_start_time: rfc3339(last.timeNanoseconds + 1n) }
}

function startBehind(sequence: number): object {
  return { deliver_policy: 'by_start_sequence', opt_start_seq: sequence + 1 }
}

function rfc3339(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${(nanoseconds % 1_000_000_000n).toString().padStart(9, '0')}Z`
}

/** One consumer of a reading. */
class Reader implements Disposable {
  readonly #question: StreamQuestion
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

  constructor(question: StreamQuestion, name: string) {
    this.#question = question
    this.#name = name
    this.#inbox = new PullInbox(question.link, question.stream, name, {
      delivered: (message) => this.#take(message),
      status: (pull, code) => this.#ended(pull, code),
      refused: (refusal) => {
        this.#refusal = refusal
        this.#wake.resolve()
      },
    })
    this.#lost = question.link.onDisconnect(() => this.#end('lost'))
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
    const waits = this.#question.until === undefined
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
    const waits = this.#question.until === undefined
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
    const { link, stream } = this.#question
    // Only to be tidy: the server drops a consumer that nobody asks anything of.
    void callJetStream(link, `CONSUMER.DELETE.${stream}.${this.#name}`).catch(() => undefined)
  }
}
