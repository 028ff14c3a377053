import { GroupCommit, openDatabase, StorageIoError, type Database } from '@annals/sqlite'
import { checkConsumerSpec } from '../check-consumer-spec.ts'
import {
  BusClosedError,
  BusUnavailableError,
  ConsumerInUseError,
  LostEventError,
  UnknownEventError,
} from '../errors.ts'
import type {
  ConsumerSpec,
  Consumption,
  DeadLetters,
  EventBus,
  EventHandler,
  Published,
  PublishOptions,
  ReadOptions,
} from '../event-bus.ts'
import type { EventName, NewEvent, StoredEvent } from '../event-types.ts'
import { silentLog, type BusLog } from '../bus-log.ts'
import { busSchema } from './bus-schema.ts'
import { ConsumerLoop } from './consumer-loop.ts'
import { DeadLetterTable } from './dead-letter-table.ts'
import { encodeEvent } from '../encode-event.ts'
import { EventLog, type LogPage } from './event-log.ts'
import { toStoredEvent, type EventRow } from '../event-row.ts'
import { Notifier } from '../notifier.ts'

export interface EmbeddedBusOptions {
  /** The database file; made where it is missing, with the folders above it. */
  readonly path: string
  /**
   * Unix milliseconds; stamps events and dead letters. Waits for a redelivery go by the machine's clock: with one that
   * is moved by hand they might never end.
   */
  readonly now?: () => number
  readonly log?: BusLog
}

/**
 * The event bus in one SQLite file, for one process at a time (see `lockFolder`): another one's events are in the log,
 * but nobody is woken by them. What is acknowledged survives a power loss; publishes of one turn of the event loop
 * share a transaction.
 *
 * Deliveries: the events of a community go to the handler one at a time in log order; one that waits for its
 * redelivery does not hold up later ones. An event that was with the handler when the process was killed comes again
 * with the next attempt number, and that does not count as a failure before it has happened 20 times.
 * @throws NotADatabaseError, SchemaTooNewError, StorageIoError
 */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EventBus> {
  const database = await openDatabase({ path: options.path, schema: busSchema })
  return new EmbeddedBus(database, options.now ?? Date.now, options.log ?? silentLog)
}

class EmbeddedBus implements EventBus {
  readonly deadLetters: DeadLetters
  readonly #database: Database
  readonly #now: () => number
  readonly #report: BusLog
  readonly #log: EventLog
  readonly #commits: GroupCommit
  readonly #appended = new Notifier()
  readonly #loops = new Map<string, Consumption>()
  #state: 'open' | 'draining' | 'closed' = 'open'

  constructor(database: Database, now: () => number, report: BusLog) {
    this.#database = database
    this.#now = now
    this.#report = report
    this.#log = new EventLog(database)
    this.#commits = new GroupCommit(database, () => this.#appended.notify())
    this.deadLetters = new DeadLetterTable(database, this.#commits)
  }

  async publish(event: NewEvent, options: PublishOptions = {}): Promise<Published> {
    this.#checkOpen()
    const row = encodeEvent(event, options, this.#now)
    return unavailable('publish', () => this.#commits.run(() => this.#log.append(row)))
  }

  async *read(options: ReadOptions = {}): AsyncIterable<StoredEvent> {
    const { signal, follow = false, afterId } = options
    let after = options.after ?? 0
    const stopped = (): boolean => {
      // A reading that was cut off must not look like one that came to the end.
      if (!follow) signal?.throwIfAborted()
      return signal?.aborted === true
    }
    if (afterId !== undefined && !stopped()) await this.#checkHolds(after, afterId)
    while (!stopped()) {
      const page = await this.#page(after, options)
      for (const row of page.rows) {
        const event = this.#decode(row)
        if (event !== undefined) yield event
        if (stopped()) return
      }
      after = page.scannedTo
      if (!page.end) continue
      if (!follow) return
      this.#checkOpen()
      if (this.#log.lastSequence() <= after) await this.#appended.next(signal)
    }
  }

  async #checkHolds(sequence: number, id: string): Promise<void> {
    this.#checkOpen()
    const row = await unavailable('read', async () => this.#log.get(sequence))
    if (row?.id !== id) throw new LostEventError(sequence, id)
  }

  async #page(after: number, options: ReadOptions): Promise<LogPage> {
    this.#checkOpen()
    return unavailable('read', async () => this.#log.page(after, options))
  }

  /** `undefined` for an event that a newer version wrote: readers of this one go on without it. */
  #decode(row: EventRow): StoredEvent | undefined {
    try {
      return toStoredEvent(row)
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error
      this.#report.warn(
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
    return unavailable('start a consumer', async () => {
      const startAt = spec.startFrom === 'end' ? this.#log.lastSequence() : 0
      const loop = new ConsumerLoop(spec, handler, this.#loopContext(spec.name), startAt)
      this.#loops.set(spec.name, loop)
      return loop
    })
  }

  #loopContext(name: string): ConstructorParameters<typeof ConsumerLoop>[2] {
    return {
      database: this.#database,
      log: this.#log,
      appended: this.#appended,
      report: this.#report,
      now: this.#now,
      onStopped: () => void this.#loops.delete(name),
    }
  }

  /** The log is in this process and does not go away by itself. */
  onReconnect(): Disposable {
    return { [Symbol.dispose]: () => undefined }
  }

  async lastSequence(): Promise<number> {
    this.#checkOpen()
    return unavailable('read', async () => this.#log.lastSequence())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== 'open') return
    // Handlers under way may publish until they are done.
    this.#state = 'draining'
    await Promise.all([...this.#loops.values()].map((loop) => loop.drain()))
    this.#commits.flush()
    this.#state = 'closed'
    this.#appended.notify()
    this.#database.close()
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw new BusClosedError()
  }
}

async function unavailable<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof StorageIoError ? new BusUnavailableError(operation, error) : error
  }
}
