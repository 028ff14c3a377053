import { isNatsError, patiently, pauseFor, type NatsLink } from '@annals/nats'
import type { BusLog } from '../bus-log.ts'
import { failedOutcome, type Outcome } from '../delivery-outcome.ts'
import { DeliveryQueue, type Waiting } from '../delivery-queue.ts'
import { describeError } from '../describe-error.ts'
import { BusUnavailableError, UndecodableEventError, UnknownEventError } from '../errors.ts'
import type { ConsumerSpec, Consumption, EventHandler } from '../event-bus.ts'
import { toStoredEvent } from '../event-row.ts'
import type { EventName, StoredEvent } from '../event-types.ts'
import { Notifier } from '../notifier.ts'
import { Acknowledger } from './acknowledger.ts'
import type { DeadLetterStream } from './dead-letter-stream.ts'
import type { DurableConsumer } from './durable-consumer.ts'
import { originOf, toEventRow } from './event-message.ts'
import type { FailureRecord, FailureRecords } from './failure-records.ts'
import { HeldEvents, type Held } from './held-events.ts'
import { PendingRedeliveries } from './pending-redeliveries.ts'
import { PullLoop } from './pull-loop.ts'
import { parseEventSubject } from './subjects.ts'

/** An event that was with a handler at so many ends of the process is taken for their cause. */
const maxInterruptions = 20

/** How long an end waits for a server that is away, once the handlers are done. */
const drainMilliseconds = 5000

/** After so long it is said that a consumer cannot go on, and then it is tried again after a while. */
const recoverySeconds = 10
const retryMilliseconds = 1000

/** For an event that only another version's process takes. */
const foreignDelaySeconds = 2
const maxForeignDeliveries = 1000

/** `running`: takes events. `draining`: waits for those with the handler. `stopped`: done, holds nothing. */
type State = 'running' | 'draining' | 'stopped'

export interface LoopContext {
  readonly link: NatsLink
  readonly stream: string
  readonly durable: DurableConsumer
  readonly records: FailureRecords
  readonly deadLetters: DeadLetterStream
  readonly ackWaitSeconds: number
  readonly report: BusLog
  /** Unix milliseconds, for what is shown. */
  readonly now: () => number
  readonly onStopped: () => void
}

/** What becomes of a delivery besides what a handler can make of it. */
type Ending =
  | Outcome
  /** Not handled; anybody may have it at once. */
  | { readonly kind: 'released' }
  /** Stands among the dead letters already. */
  | { readonly kind: 'buried' }
  /** Another version's process is to have it. */
  | { readonly kind: 'foreign' }

/** Hands the events of one durable consumer to its handler, beside other processes that do the same. */
export class ConsumerLoop<N extends EventName> implements Consumption {
  readonly #spec: ConsumerSpec<N>
  readonly #handler: EventHandler<N>
  readonly #context: LoopContext
  readonly #queue: DeliveryQueue<Held>
  readonly #held: HeldEvents
  readonly #acknowledger: Acknowledger
  readonly #pulls: PullLoop
  readonly #later = new PendingRedeliveries()
  readonly #stop = new AbortController()
  readonly #giveUp = new AbortController()
  readonly #changed = new Notifier()
  readonly #subscriptions = new DisposableStack()
  readonly #working: NodeJS.Timeout
  #state: State = 'running'
  #recovery = 0
  #scheduled = false

  constructor(spec: ConsumerSpec<N>, handler: EventHandler<N>, context: LoopContext) {
    this.#spec = spec
    this.#handler = handler
    this.#context = context
    const { link, stream, report } = context
    this.#queue = new DeliveryQueue(spec.concurrency)
    this.#held = new HeldEvents(link, stream)
    this.#acknowledger = new Acknowledger(link, this.#held, report, () => this.#changed.notify())
    this.#pulls = new PullLoop(link, stream, spec, {
      delivered: (message) => this.#delivered(message),
      lost: () => void this.#recover(),
      refused: (err) =>
        report.error({ consumer: spec.name, err }, 'the consumer may not ask for events; it tries again'),
      changed: () => this.#schedule(),
    })
    this.#working = setInterval(() => this.#acknowledger.working(this.#held), (context.ackWaitSeconds * 1000) / 3)
    this.#subscriptions.use(link.onDisconnect(() => this.#disconnected()))
    this.#subscriptions.use(link.onReconnect(() => void this.#recover()))
    this.#acknowledger.open()
    this.#schedule()
  }

  #disconnected(): void {
    this.#acknowledger.close()
    this.#pulls.pause()
  }

  /** The server is there again, or the consumer is not: finds out what still holds, and goes on. */
  async #recover(): Promise<void> {
    const { link } = this.#context
    const recovery = ++this.#recovery
    this.#disconnected()
    while (recovery === this.#recovery && this.#state !== 'stopped' && link.state === 'connected') {
      try {
        await patiently({ link, seconds: recoverySeconds, signal: this.#giveUp.signal }, async () => {
          await this.#held.verify()
          // Without it there is nothing to acknowledge to; an end does not make it anew.
          if (this.#state === 'running') await this.#context.durable.ensure()
        })
        if (recovery !== this.#recovery) return
        this.#acknowledger.open()
        this.#pulls.resume()
        return this.#schedule()
      } catch (error) {
        const { name: consumer } = this.#spec
        this.#context.report.error({ consumer, err: error }, 'the consumer could not go on; it tries again')
        await pauseFor(retryMilliseconds, this.#giveUp.signal)
      }
    }
  }

  #delivered(message: Held['message']): void {
    this.#later.arrived(message.sequence)
    const held = this.#held.take(message)
    if (held === undefined) return
    if (this.#isWiderThanAsked(message.subject)) {
      void this.#acknowledger.answer(held, { kind: 'ack' }, this.#giveUp.signal)
    } else {
      this.#queue.add(held)
    }
    this.#schedule()
  }

  /** An older server hands out all events and all replays. */
  #isWiderThanAsked(subject: string): boolean {
    const [, kind, name = ''] = subject.split('.')
    if (kind === 'replays') return name !== this.#spec.name
    return !this.#spec.events.includes(name as N) && !this.#context.durable.isForeign(name) && this.#pulls.isWide
  }

  /** In the next turn of the event loop: handlers that finish at once must not keep everything else waiting. */
  #schedule(): void {
    if (this.#scheduled || this.#state === 'stopped') return
    this.#scheduled = true
    setImmediate(() => this.#step())
  }

  #step(): void {
    this.#scheduled = false
    if (this.#state === 'running') {
      for (const held of this.#queue.startable()) {
        this.#queue.start(held)
        void this.#handle(held)
      }
      this.#pulls.ask({ room: this.#queue.room, waiting: this.#queue.size, held: this.#held })
    }
    this.#changed.notify()
  }

  async #handle(held: Held): Promise<void> {
    const start = performance.now()
    const ending = await this.#deliver(held)
    this.#pulls.policy.handled(performance.now() - start)
    await this.#settle(held, ending)
    this.#queue.finish(held.communityId)
    this.#schedule()
  }

  async #deliver(held: Held): Promise<Ending> {
    if (held.state === 'void') return { kind: 'released' }
    const { message } = held
    let waiting: Waiting = held
    try {
      // A first delivery has no past; that saves most events the question.
      const past = message.deliveries > 1 ? await this.#patiently(() => this.#past(message)) : noPast
      if (past === 'buried') return { kind: 'buried' }
      waiting = { ...held, ...past }
      const event = this.#decode(held, past)
      if (typeof event !== 'object') return { kind: 'foreign' }
      if ('reason' in event) return { kind: 'dead', event: waiting, deliveries: past.attempts, error: event.reason }
      if (this.#stop.signal.aborted) return { kind: 'released' }
      const attempt = past.attempts + 1
      if (message.deliveries > 1) await this.#note(held, { ...past, attempts: attempt, withHandler: true })
      return await this.#handOut(waiting, event.event, attempt, held)
    } catch (error) {
      // The server is away and the consumption stops, or it refuses; the event comes again.
      const { name: consumer } = this.#spec
      this.#context.report.error({ consumer, sequence: held.sequence, err: error }, 'an event could not be handed out')
      return { kind: 'released' }
    }
  }

  async #handOut(waiting: Waiting, event: StoredEvent<N>, attempt: number, held: Held): Promise<Ending> {
    const working = (): void => this.#acknowledger.working([held])
    try {
      await this.#handler(event, { attempt, signal: this.#stop.signal, working })
      return { kind: 'done', event: waiting }
    } catch (error) {
      const outcome = failedOutcome(waiting, error, this.#spec, this.#stop.signal.aborted)
      this.#context.report.warn(
        { consumer: this.#spec.name, sequence: event.sequence, attempt, outcome: outcome.kind, err: error },
        outcome.kind === 'dead' ? 'an event went to the dead letters' : 'an event will be handed out again',
      )
      return outcome
    }
  }

  /** What earlier deliveries of an event left. */
  async #past(message: Held['message']): Promise<Past | 'buried'> {
    const { records, deadLetters } = this.#context
    const [record, buried] = await Promise.all([records.find(message), deadLetters.holds(this.#spec.name, message)])
    if (buried) return 'buried'
    // Without a record only a first delivery can have been with a handler, and whether it was nobody knows.
    if (record === undefined) return { attempts: 1, interrupted: 1 }
    const { attempts, interrupted, withHandler } = record
    return { attempts, interrupted: interrupted + (withHandler ? 1 : 0) }
  }

  /** The event, or why it cannot be handed out, or that others are to have it. */
  #decode(held: Held, past: Past): { readonly event: StoredEvent<N> } | { readonly reason: string } | 'foreign' {
    if (past.interrupted >= maxInterruptions) {
      return { reason: `the process ended ${past.interrupted} times while this event was with its handler` }
    }
    const { name } = parseEventSubject(originOf(held.message).subject)
    if (!this.#spec.events.includes(name as N)) {
      if (this.#context.durable.isForeign(name) && held.message.deliveries < maxForeignDeliveries) return 'foreign'
      return { reason: `the consumer does not take ${name} any more` }
    }
    try {
      return { event: toStoredEvent(toEventRow(held.message)) as StoredEvent<N> }
    } catch (error) {
      if (error instanceof UnknownEventError || error instanceof UndecodableEventError) {
        return { reason: describeError(error) }
      }
      throw error
    }
  }

  async #settle(held: Held, ending: Ending): Promise<void> {
    if (held.state === 'void') return
    try {
      switch (ending.kind) {
        case 'done':
          return this.#acknowledge(held)
        case 'buried':
          return this.#acknowledge(held)
        case 'again':
          await this.#note(held, {
            attempts: ending.attempts,
            interrupted: ending.event.interrupted,
            withHandler: false,
          })
          return this.#giveBack(held, ending.delaySeconds)
        case 'foreign':
          return this.#giveBack(held, foreignDelaySeconds)
        case 'dead':
          await this.#bury(held, ending.deliveries, ending.error)
          return this.#acknowledge(held)
        case 'released':
          return this.#acknowledger.release(held)
        default:
          return ending satisfies never
      }
    } catch (error) {
      const { name: consumer } = this.#spec
      const fields = { consumer, sequence: held.sequence, err: error }
      this.#context.report.error(fields, 'what became of an event could not be noted; it will come again')
      this.#held.letGo(held)
    }
  }

  /** The handler need not wait for the server's word: what it is lost of comes again. */
  #acknowledge(held: Held): void {
    void (async () => {
      await this.#acknowledger.answer(held, { kind: 'ack' }, this.#giveUp.signal)
      if (held.position !== undefined) this.#context.records.forget(held.position)
    })()
  }

  #giveBack(held: Held, delaySeconds: number): void {
    this.#later.expect(held.sequence, delaySeconds)
    void this.#acknowledger.answer(held, { kind: 'nak', delaySeconds }, this.#giveUp.signal)
  }

  async #note(held: Held, record: FailureRecord): Promise<void> {
    held.position = await this.#patiently(() => this.#context.records.write(held.message, record))
  }

  async #bury(held: Held, deliveries: number, error: string): Promise<void> {
    const letter = { deliveries, error, timeMilliseconds: this.#context.now() }
    await this.#patiently(() => this.#context.deadLetters.bury(this.#spec.name, held.message, letter))
  }

  /** For as long as the consumption runs, and a while when it is to end. */
  #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { link } = this.#context
    const running = this.#state === 'running'
    return patiently(
      running ? { link, seconds: Infinity, signal: this.#giveUp.signal } : { link, seconds: drainMilliseconds / 1000 },
      work,
    )
  }

  async drain(): Promise<void> {
    if (this.#state === 'running') void this.#drain()
    while (this.#state !== 'stopped') await this.#changed.next()
  }

  async #drain(): Promise<void> {
    this.#state = 'draining'
    this.#stop.abort()
    let timer = setTimeout(() => this.#giveUp.abort(), drainMilliseconds)
    // Only then is given back what waits: while a pull is open, it would come here again.
    await Promise.race([this.#pulls.drain(), pauseFor(drainMilliseconds, this.#giveUp.signal)])
    for (const held of this.#queue.clear()) this.#acknowledger.release(held)
    while (this.#queue.busy > 0) await this.#changed.next()
    clearTimeout(timer)
    timer = setTimeout(() => this.#giveUp.abort(), drainMilliseconds)
    while (this.#acknowledger.underWay > 0) await this.#changed.next()
    clearTimeout(timer)
    this.#giveUp.abort()
    clearInterval(this.#working)
    this.#pulls.close()
    this.#subscriptions.dispose()
    this.#state = 'stopped'
    this.#context.onStopped()
    this.#changed.notify()
  }

  async idle(): Promise<void> {
    while (this.#state === 'running') {
      if (!this.#isQuiet()) await this.#changed.next()
      else if (this.#later.isDue()) await this.#later.next(this.#changed)
      // The server's word comes behind all that it sent before.
      else if ((await this.#pulls.probe()) === 'empty' && this.#isQuiet() && !this.#later.isDue()) return
    }
    while (this.#state !== 'stopped') await this.#changed.next()
  }

  async lag(): Promise<number> {
    if (this.#state === 'stopped') return 0
    try {
      return await this.#context.durable.lag()
    } catch (error) {
      throw isNatsError(error) ? new BusUnavailableError('count what waits', error) : error
    }
  }

  #isQuiet(): boolean {
    return this.#queue.busy === 0 && this.#queue.size === 0 && this.#acknowledger.underWay === 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain()
  }
}

interface Past {
  readonly attempts: number
  readonly interrupted: number
}

const noPast: Past = { attempts: 0, interrupted: 0 }
