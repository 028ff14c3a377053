import type {
  ConsumerSpec,
  Consumption,
  EventBus,
  EventHandler,
  EventName,
  Published,
  PublishOptions,
  ReadOptions,
  NewEvent,
  StoredEvent,
  DeadLetters,
} from '@annals/events'
import type { Logger } from 'pino'

/** A server that loses power loses two minutes at most of what it took, as it comes. */
const recentMilliseconds = 10 * 60_000

/** However much happened in that time, no more is gone through again. */
const recentEvents = 10_000

/**
 * A bus whose consumers go through the recent past once more after the engine was away. An engine that died may have lost
 * what it acknowledged last: an event that followed from another one, while whoever published it has written down that
 * it is done. Handlers look at how things are and publish under ids that say what happened, so that going through an event
 * again brings back what is missing and changes nothing else.
 */
export class ReassertingBus implements EventBus {
  readonly #bus: EventBus
  readonly #log: Logger

  constructor(bus: EventBus, log: Logger) {
    this.#bus = bus
    this.#log = log
  }

  get deadLetters(): DeadLetters {
    return this.#bus.deadLetters
  }

  publish(event: NewEvent, options?: PublishOptions): Promise<Published> {
    return this.#bus.publish(event, options)
  }

  read(options?: ReadOptions): AsyncIterable<StoredEvent> {
    return this.#bus.read(options)
  }

  lastSequence(): Promise<number> {
    return this.#bus.lastSequence()
  }

  onReconnect(listener: () => void): Disposable {
    return this.#bus.onReconnect(listener)
  }

  async consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    const consumption = await this.#bus.consume(spec, handler)
    const again = new Repetition(() => this.#repeat(spec, handler, again.signal))
    const subscription = this.#bus.onReconnect(() => again.run())
    const drain = async (): Promise<void> => {
      subscription[Symbol.dispose]()
      // At the same time: what handlers of both do is told to stop at once.
      await Promise.all([again.stop(), consumption.drain()])
    }
    return { drain, idle: () => consumption.idle(), lag: () => consumption.lag(), [Symbol.asyncDispose]: drain }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#bus[Symbol.asyncDispose]()
  }

  async #repeat<N extends EventName>(
    spec: ConsumerSpec<N>,
    handler: EventHandler<N>,
    signal: AbortSignal,
  ): Promise<void> {
    const since = Date.now() - recentMilliseconds
    let events = 0
    try {
      const after = Math.max(0, (await this.#bus.lastSequence()) - recentEvents)
      for await (const event of this.#bus.read({ after, names: spec.events, signal })) {
        if (event.timeMilliseconds < since) continue
        events += 1
        try {
          await handler(event as StoredEvent<N>, { attempt: 1, signal, working: () => undefined })
        } catch (error) {
          this.#log.warn({ err: error, consumer: spec.name, event: event.id }, 'a recent event could not be repeated')
        }
      }
    } catch (error) {
      if (!signal.aborted) this.#log.warn({ err: error, consumer: spec.name }, 'the recent past could not be repeated')
    }
    this.#log.info({ consumer: spec.name, events }, 'went through the recent past again after the bus was away')
  }
}

/** Runs work one time after the other, once more where it was asked for meanwhile. */
class Repetition {
  readonly #work: () => Promise<void>
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #wanted = false

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  run(): void {
    this.#wanted = true
    this.#running ??= this.#loop()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #loop(): Promise<void> {
    while (this.#wanted && !this.signal.aborted) {
      this.#wanted = false
      await this.#work()
    }
    this.#running = undefined
  }
}
