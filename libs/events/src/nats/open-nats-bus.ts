import { checkJetStream, ensureStream, isNatsError, patiently, streamInfo } from '@annals/nats'
import type { NatsLink, StoredMessage } from '@annals/nats'
import { silentLog, type BusLog } from '../bus-log.ts'
import { checkConsumerSpec } from '../check-consumer-spec.ts'
import { encodeEvent } from '../encode-event.ts'
import { BusClosedError, BusUnavailableError, ConsumerInUseError, UnknownEventError } from '../errors.ts'
import type {
  ConsumerSpec,
  Consumption,
  DeadLetter,
  DeadLetters,
  EventBus,
  EventHandler,
  Published,
  PublishOptions,
  ReadOptions,
} from '../event-bus.ts'
import { toStoredEvent } from '../event-row.ts'
import type { EventName, NewEvent, StoredEvent } from '../event-types.ts'
import { busStreams } from './bus-streams.ts'
import { ConsumerLoop } from './consumer-loop.ts'
import { DeadLetterStream } from './dead-letter-stream.ts'
import { DurableConsumer } from './durable-consumer.ts'
import { toEventRow } from './event-message.ts'
import { FailureRecords } from './failure-records.ts'
import { LogFollower } from './log-follower.ts'
import { EventPublisher } from './publish-event.ts'
import { checkHolds, readCommunity, readLog } from './read-events.ts'
import { Subjects } from './subjects.ts'

export interface NatsBusOptions {
  /** The caller's; closed after the bus. */
  readonly link: NatsLink
  /** Stands before all subjects and names the streams; `annals` where nothing speaks for another one. */
  readonly namespace: string
  /** Servers that hold each stream. */
  readonly replicas: number
  /** An event that a process holds and says nothing about for so long is handed to another one. */
  readonly ackWaitSeconds: number
  readonly log?: BusLog
  /** Unix milliseconds; stamps events and dead letters. Waits go by the server's clock. */
  readonly now?: () => number
}

/** How long the bus waits for a server that is away for a moment. */
const patienceSeconds = 10

/**
 * The event bus in NATS JetStream, for any number of processes. What is acknowledged is in the stream of as many
 * servers as `replicas` says; whether it survives the loss of power of all of them is the servers' setting
 * (`sync_interval`).
 * @throws InvalidNatsOptionError, JetStreamUnavailableError, NatsPermissionError, JetStreamRefusedError
 */
export async function openNatsBus(options: NatsBusOptions): Promise<EventBus> {
  const { link, namespace, replicas, log = silentLog } = options
  const streams = busStreams(namespace, replicas)
  await patiently({ link, seconds: patienceSeconds }, async () => {
    await checkJetStream(link)
    for (const declaration of streams) await ensureStream(link, declaration, log)
  })
  return new NatsBus(options)
}

class NatsBus implements EventBus {
  readonly deadLetters: DeadLetters
  readonly #link: NatsLink
  readonly #subjects: Subjects
  readonly #ackWaitSeconds: number
  readonly #log: BusLog
  readonly #now: () => number
  readonly #publisher: EventPublisher
  readonly #letters: DeadLetterStream
  readonly #follower: LogFollower
  readonly #loops = new Map<string, Consumption>()
  readonly #closed = new AbortController()
  #state: 'open' | 'draining' | 'closed' = 'open'

  constructor({ link, namespace, ackWaitSeconds, log, now }: NatsBusOptions) {
    this.#link = link
    this.#subjects = new Subjects(namespace)
    this.#ackWaitSeconds = ackWaitSeconds
    this.#log = log ?? silentLog
    this.#now = now ?? Date.now
    this.#publisher = new EventPublisher(link, this.#subjects)
    this.#letters = new DeadLetterStream(link, this.#subjects)
    this.#follower = new LogFollower(link, this.#subjects)
    this.deadLetters = {
      list: () => this.#listDeadLetters(),
      count: () => this.#ask('count dead letters', () => this.#letters.count()),
      replay: (id) => this.#ask('replay a dead letter', () => this.#letters.replay(id)),
      drop: (id) => this.#ask('drop a dead letter', () => this.#letters.drop(id)),
    }
  }

  async publish(event: NewEvent, options: PublishOptions = {}): Promise<Published> {
    this.#checkOpen()
    const row = encodeEvent(event, options, this.#now)
    return this.#ask('publish', () => this.#publisher.publish(row))
  }

  async *read(options: ReadOptions = {}): AsyncIterable<StoredEvent> {
    this.#checkOpen()
    const { follow = false } = options
    const signal = AbortSignal.any([this.#closed.signal, ...(options.signal ? [options.signal] : [])])
    const stopped = (): boolean => {
      if (options.signal?.aborted !== true) this.#checkOpen()
      // A reading that was cut off must not look like one that came to the end.
      if (!follow) options.signal?.throwIfAborted()
      return signal.aborted
    }
    try {
      if (stopped()) return
      for await (const message of this.#messages({ ...options, signal })) {
        const event = this.#decode(message)
        if (event !== undefined) yield event
        if (stopped()) return
      }
      stopped()
    } catch (error) {
      if (follow && options.signal?.aborted === true) return
      stopped()
      throw asBusError('read', error)
    }
  }

  async *#messages(options: ReadOptions & { readonly signal: AbortSignal }): AsyncGenerator<StoredMessage, void> {
    const { follow = false, communityId, after = 0, afterId, names } = options
    // A community's news up to now are looked at in one go with what they follow.
    if (afterId !== undefined && (follow || communityId === undefined))
      await checkHolds(this.#link, this.#subjects, { after, afterId, signal: options.signal })
    // No filter at all would be all names.
    if (names?.length === 0) {
      if (follow) await aborted(options.signal)
    } else if (follow) {
      yield* readLog(this.#link, this.#subjects, options)
    } else if (communityId !== undefined) {
      yield* readCommunity(this.#link, this.#subjects, this.#follower, { ...options, communityId })
    } else {
      const until = await this.lastSequence()
      if (until > after) yield* readLog(this.#link, this.#subjects, { ...options, until })
    }
  }

  /** `undefined` for an event that a newer version wrote: readers of this one go on without it. */
  #decode(message: StoredMessage): StoredEvent | undefined {
    const row = toEventRow(message)
    try {
      return toStoredEvent(row)
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error
      this.#log.warn(
        { sequence: row.sequence, event: row.id, err: error },
        'an unknown event was left out of a reading',
      )
      return undefined
    }
  }

  async consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    if (this.#state !== 'open') throw new BusClosedError()
    checkConsumerSpec(spec)
    if (this.#loops.has(spec.name)) throw new ConsumerInUseError(spec.name)
    const durable = new DurableConsumer(this.#link, this.#subjects, spec, this.#ackWaitSeconds, this.#log)
    await this.#ask('start a consumer', () => this.#patiently(() => durable.ensure()))
    // Either may have happened meanwhile.
    if (this.#closed.signal.aborted || this.#state !== ('open' as string)) throw new BusClosedError()
    if (this.#loops.has(spec.name)) throw new ConsumerInUseError(spec.name)
    const loop = new ConsumerLoop(spec, handler, {
      link: this.#link,
      stream: this.#subjects.logStream,
      durable,
      records: new FailureRecords(this.#link, this.#subjects, spec.name),
      deadLetters: this.#letters,
      ackWaitSeconds: this.#ackWaitSeconds,
      report: this.#log,
      now: this.#now,
      onStopped: () => void this.#loops.delete(spec.name),
    })
    this.#loops.set(spec.name, loop)
    return loop
  }

  onReconnect(listener: () => void): Disposable {
    return this.#link.onReconnect(listener)
  }

  async lastSequence(): Promise<number> {
    return this.#ask('read', async () => {
      const info = await this.#patiently(() => streamInfo(this.#link, this.#subjects.logStream))
      return info?.state.last_seq ?? 0
    })
  }

  async *#listDeadLetters(): AsyncIterable<DeadLetter> {
    this.#checkOpen()
    try {
      yield* this.#letters.list()
    } catch (error) {
      throw asBusError('list dead letters', error)
    }
  }

  async #ask<T>(operation: string, work: () => Promise<T>): Promise<T> {
    this.#checkOpen()
    try {
      return await work()
    } catch (error) {
      throw asBusError(operation, error)
    }
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently({ link: this.#link, seconds: patienceSeconds, signal: this.#closed.signal }, work)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== 'open') return
    // Handlers under way may publish until they are done.
    this.#state = 'draining'
    await Promise.all([...this.#loops.values()].map((loop) => loop.drain()))
    this.#state = 'closed'
    this.#closed.abort()
    this.#follower[Symbol.dispose]()
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw new BusClosedError()
  }
}

/** What the engine says as the port says it; the port's own errors stay. */
function asBusError(operation: string, error: unknown): unknown {
  return isNatsError(error) ? new BusUnavailableError(operation, error) : error
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}
