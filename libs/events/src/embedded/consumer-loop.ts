import type { Database } from '@annals/sqlite'
import type { ConsumerSpec, Consumption, EventHandler } from '../event-bus.ts'
import type { EventName, StoredEvent } from '../event-types.ts'
import { describeError } from '../describe-error.ts'
import { UndecodableEventError, UnknownEventError } from '../errors.ts'
import type { BusLog } from '../bus-log.ts'
import { failedOutcome, type Outcome } from '../delivery-outcome.ts'
import { DeliveryQueue, type Waiting } from '../delivery-queue.ts'
import { DeliveryTable } from './delivery-table.ts'
import type { EventLog } from './event-log.ts'
import { toStoredEvent } from '../event-row.ts'
import { Notifier } from '../notifier.ts'

/** Events that may wait in memory because others of their community are before them. */
const windowEvents = 10_000

/** Taken in at once. */
const takeInEvents = 256

/** An event that was with a handler at so many ends of the process is taken for their cause. */
const maxInterruptions = 20

/** Wait before the disk is tried again. */
const diskRetryMilliseconds = 1000

const longestTimerMilliseconds = 2 ** 31 - 1

/** `running`: takes events. `draining`: waits for those with the handler. `stopped`: done, holds nothing. */
type State = 'running' | 'draining' | 'stopped'

export interface LoopContext {
  readonly database: Database
  readonly log: EventLog
  readonly appended: Notifier
  readonly report: BusLog
  /** Unix milliseconds, for what is shown; waits go by the machine's clock. */
  readonly now: () => number
  readonly onStopped: () => void
}

/**
 * Hands the events of one durable consumer to its handler. All that happens is one `#step` after another, each in a
 * turn of the event loop of its own: settle what handlers finished, take in what is due or new, hand out.
 */
export class ConsumerLoop<N extends EventName> implements Consumption {
  readonly #spec: ConsumerSpec<N>
  readonly #handler: EventHandler<N>
  readonly #context: LoopContext
  readonly #table: DeliveryTable
  readonly #queue: DeliveryQueue
  readonly #stop = new AbortController()
  readonly #stepped = new Notifier()
  readonly #subscription: Disposable
  #state: State = 'running'
  #position: number
  #outcomes: Outcome[] = []
  #scheduled = false
  #diskPause = false
  #timer: NodeJS.Timeout | undefined

  constructor(spec: ConsumerSpec<N>, handler: EventHandler<N>, context: LoopContext, startAt: number) {
    this.#spec = spec
    this.#handler = handler
    this.#context = context
    this.#table = new DeliveryTable(context.database, spec.name)
    this.#queue = new DeliveryQueue(spec.concurrency)
    this.#position = context.database.transaction(() => this.#table.open(startAt))
    this.#subscription = context.appended.subscribe(() => this.#schedule())
    this.#schedule()
  }

  async drain(): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'draining'
      this.#subscription[Symbol.dispose]()
      this.#stop.abort()
      this.#schedule()
    }
    while (this.#state !== 'stopped') await this.#stepped.next()
  }

  async idle(): Promise<void> {
    this.#schedule()
    while (this.#state !== 'stopped' && !this.#isIdle()) await this.#stepped.next()
  }

  async lag(): Promise<number> {
    if (this.#state === 'stopped') return 0
    return this.#table.count() + this.#context.log.countAfter(this.#position, this.#spec.events)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain()
  }

  #isIdle(): boolean {
    const nothingHere = this.#queue.busy === 0 && this.#queue.size === 0 && this.#outcomes.length === 0
    if (!nothingHere || this.#position < this.#context.log.lastSequence()) return false
    const due = this.#table.nextDue()
    return due === undefined || due > Date.now()
  }

  /** In the next turn of the event loop: handlers that finish at once must not keep everything else waiting. */
  #schedule(): void {
    if (this.#scheduled || this.#diskPause || this.#state === 'stopped') return
    this.#scheduled = true
    setImmediate(() => this.#step())
  }

  #step(): void {
    this.#scheduled = false
    this.#diskPause = false
    clearTimeout(this.#timer)
    try {
      this.#settle()
      if (this.#state === 'running') {
        this.#takeIn()
        this.#handOut()
        this.#setTimer()
      } else if (this.#queue.busy === 0) {
        this.#finish()
      }
    } catch (error) {
      this.#diskFailed(error)
    }
    this.#stepped.notify()
  }

  #settle(): void {
    const outcomes = this.#outcomes
    if (outcomes.length === 0) return
    this.#context.database.transaction(() => {
      for (const outcome of outcomes) this.#write(outcome)
    }, 'process')
    this.#outcomes = []
    for (const { event } of outcomes) this.#queue.finish(event.communityId)
  }

  #write(outcome: Outcome): void {
    const { sequence } = outcome.event
    switch (outcome.kind) {
      case 'done':
        return this.#table.done(sequence)
      case 'again':
        return this.#table.again(sequence, outcome.attempts, dueAt(outcome.delaySeconds))
      case 'dead':
        return this.#table.bury(sequence, outcome.deliveries, outcome.error, this.#context.now())
      default:
        return outcome satisfies never
    }
  }

  #hasRoom(): boolean {
    return this.#queue.hungry && this.#queue.size < windowEvents
  }

  #takeIn(): void {
    if (!this.#hasRoom()) return
    const room = Math.min(takeInEvents, windowEvents - this.#queue.size)
    const due = this.#table.nextDue()
    if (due !== undefined && due <= Date.now()) return this.#takeDue(room)
    const page = this.#context.log.page(this.#position, { names: this.#spec.events }, room)
    if (page.rows.length > 0) {
      this.#context.database.transaction(() => {
        for (const { sequence } of page.rows) this.#table.takeIn(sequence)
        this.#table.moveTo(page.scannedTo)
      }, 'process')
    }
    this.#position = page.scannedTo
    for (const { sequence, community } of page.rows) {
      this.#queue.add({ sequence, communityId: community, attempts: 0, interrupted: 0 })
    }
    if (!page.end && this.#queue.hungry) this.#schedule()
  }

  #takeDue(room: number): void {
    const due = this.#context.database.transaction(() => this.#table.takeDue(Date.now(), room), 'process')
    for (const event of due) this.#queue.add(event)
    // There may be more of them, and after them new ones.
    this.#schedule()
  }

  #handOut(): void {
    const events = this.#queue.startable()
    if (events.length === 0) return
    // Counted before the handler has it, so that an event that ends the process does not do so for ever.
    this.#context.database.transaction(() => {
      for (const event of events) this.#table.handOut(event.sequence)
    }, 'process')
    for (const event of events) {
      this.#queue.start(event)
      void this.#handle(event)
    }
  }

  async #handle(event: Waiting): Promise<void> {
    const outcome = await this.#deliver(event)
    // In a statement of its own: the list may have been replaced meanwhile, and what is written before an `await` is
    // looked up before it.
    this.#outcomes.push(outcome)
    this.#schedule()
  }

  async #deliver(waiting: Waiting): Promise<Outcome> {
    const attempt = waiting.attempts + 1
    try {
      const event = this.#decode(waiting)
      if (typeof event === 'string') return { kind: 'dead', event: waiting, deliveries: waiting.attempts, error: event }
      await this.#handler(event, { attempt, signal: this.#stop.signal, working: () => {} })
      return { kind: 'done', event: waiting }
    } catch (error) {
      const outcome = failedOutcome(waiting, error, this.#spec, this.#stop.signal.aborted)
      this.#context.report.warn(
        { consumer: this.#spec.name, sequence: waiting.sequence, attempt, outcome: outcome.kind, err: error },
        outcome.kind === 'dead' ? 'an event went to the dead letters' : 'an event will be handed out again',
      )
      return outcome
    }
  }

  /** The event, or why it cannot be handed out. */
  #decode(waiting: Waiting): StoredEvent<N> | string {
    if (waiting.interrupted >= maxInterruptions) {
      return `the process ended ${waiting.interrupted} times while this event was with its handler`
    }
    const row = this.#context.log.get(waiting.sequence)
    if (row === undefined) return `position ${waiting.sequence} is not in the log`
    try {
      const event = toStoredEvent(row)
      if (!this.#spec.events.includes(event.name as N)) return `the consumer does not take ${event.name} any more`
      return event as StoredEvent<N>
    } catch (error) {
      if (error instanceof UnknownEventError || error instanceof UndecodableEventError) return describeError(error)
      throw error
    }
  }

  #setTimer(): void {
    const due = this.#table.nextDue()
    // Where there is no room, the handler that makes some is what goes on.
    if (due === undefined || !this.#hasRoom()) return
    // It may have become due since it was looked at in this step.
    const delay = Math.min(Math.max(0, due - Date.now()), longestTimerMilliseconds)
    this.#timer = setTimeout(() => this.#schedule(), delay)
  }

  #diskFailed(error: unknown): void {
    this.#context.report.error(
      { consumer: this.#spec.name, err: error },
      'the consumer could not write; it tries again',
    )
    if (this.#state === 'running') {
      this.#diskPause = true
      this.#timer = setTimeout(() => {
        this.#diskPause = false
        this.#schedule()
      }, diskRetryMilliseconds)
      return
    }
    // Waiting for the disk could keep the process from stopping. What was done comes again at the next start.
    for (const { event } of this.#outcomes) this.#queue.finish(event.communityId)
    this.#outcomes = []
    if (this.#queue.busy === 0) this.#stopped()
  }

  #finish(): void {
    this.#context.database.transaction(() => this.#table.moveTo(this.#position), 'process')
    this.#stopped()
  }

  #stopped(): void {
    this.#state = 'stopped'
    this.#context.onStopped()
  }
}

/** Unix milliseconds, never before now. */
function dueAt(delaySeconds: number): number {
  return Math.ceil(Date.now() + Math.max(0, delaySeconds || 0) * 1000)
}
