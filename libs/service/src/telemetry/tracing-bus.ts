import type {
  ConsumerSpec,
  Consumption,
  DeadLetters,
  Delivery,
  EventBus,
  EventHandler,
  EventName,
  NewEvent,
  Published,
  PublishOptions,
  ReadOptions,
  StoredEvent,
} from '@annals/events'
import { RetryLaterError } from '@annals/events'
import type { Metrics, Tracing } from '@annals/telemetry'
import { eventAttributes } from './event-attributes.ts'
import { secondsSince } from './observe-process.ts'

export interface TracingBusOptions {
  readonly tracing: Tracing
  readonly metrics: Metrics
  /** As semantic conventions have it: `nats`, or `annals` for the embedded log. */
  readonly system: string
  readonly namespace: string
}

/**
 * A bus on which every event has a W3C trace context: that of the event whose handler published it, or a new one where
 * nothing came before. So all that follows from one tick of the clock is one trace. Publishing and handling are a span
 * each, of the service whose bus this is, and are counted and measured.
 */
export class TracingBus implements EventBus {
  readonly #bus: EventBus
  readonly #options: TracingBusOptions

  constructor(bus: EventBus, options: TracingBusOptions) {
    this.#bus = bus
    this.#options = options
  }

  get deadLetters(): DeadLetters {
    return this.#bus.deadLetters
  }

  publish(event: NewEvent, options: PublishOptions = {}): Promise<Published> {
    return this.#options.metrics.records ? this.#publishCounted(event, options) : this.#publish(event, options)
  }

  async #publishCounted(event: NewEvent, options: PublishOptions): Promise<Published> {
    const { metrics, system } = this.#options
    const published = await this.#publish(event, options)
    const destination = this.#destination(event.name)
    metrics.add('publishedEvents', 1, { 'messaging.system': system, 'messaging.destination.name': destination })
    return published
  }

  #publish(event: NewEvent, options: PublishOptions): Promise<Published> {
    const { tracing } = this.#options
    const { traceparent = tracing.records ? undefined : tracing.nextTraceparent() } = options
    if (traceparent !== undefined) return this.#handOver(event, { ...options, traceparent })
    const spec = {
      name: `publish ${this.#destination(event.name)}`,
      kind: 'producer',
      attributes: { ...this.#attributes(event, 'publish', 'send'), ...eventAttributes(event) },
    } as const
    return tracing.span(spec, async (span) => {
      const published = await this.#handOver(event, { ...options, traceparent: span.traceparent })
      if (published.duplicate) span.set({ 'annals.event.duplicate': true })
      return published
    })
  }

  read(options?: ReadOptions): AsyncIterable<StoredEvent> {
    return this.#bus.read(options)
  }

  consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    return this.#options.metrics.records ? this.#consumeMeasured(spec, handler) : this.#consume(spec, handler)
  }

  lastSequence(): Promise<number> {
    return this.#bus.lastSequence()
  }

  onReconnect(listener: () => void): Disposable {
    return this.#bus.onReconnect(listener)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#bus[Symbol.asyncDispose]()
  }

  /** What the engine begins then, such as a turn of a consumer's loop, belongs to no span. */
  #handOver(event: NewEvent, options: PublishOptions): Promise<Published> {
    return this.#options.tracing.outside(() => this.#bus.publish(event, options))
  }

  #consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    return this.#bus.consume(spec, (event, delivery) => this.#handle(spec.name, event, delivery, handler))
  }

  async #consumeMeasured<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    const { metrics } = this.#options
    const consumption = await this.#consume(spec, this.#measured(spec.name, handler))
    const group = { 'messaging.consumer.group.name': spec.name }
    const observing = metrics.observe(async (report) => report('consumerLag', await consumption.lag(), group))
    const drain = (): Promise<void> => {
      observing[Symbol.dispose]()
      return consumption.drain()
    }
    return { drain, idle: () => consumption.idle(), lag: () => consumption.lag(), [Symbol.asyncDispose]: drain }
  }

  #measured<N extends EventName>(consumer: string, handler: EventHandler<N>): EventHandler<N> {
    const { metrics, system } = this.#options
    const group = { 'messaging.consumer.group.name': consumer }
    return async (event, delivery) => {
      const start = performance.now()
      const destination = this.#destination(event.name)
      const attributes = { ...group, 'messaging.system': system, 'messaging.destination.name': destination }
      // Clocks of machines differ a little.
      if (delivery.attempt === 1)
        metrics.record('eventWait', Math.max(0, Date.now() - event.timeMilliseconds) / 1000, group)
      try {
        await handler(event, delivery)
        metrics.record('handlingDuration', secondsSince(start), attributes)
      } catch (error) {
        const failed = isFailure(error, delivery)
        const type = failed && { 'error.type': error instanceof Error ? error.name : typeof error }
        metrics.record('handlingDuration', secondsSince(start), { ...attributes, ...type })
        throw error
      }
    }
  }

  #handle<N extends EventName>(
    consumer: string,
    event: StoredEvent<N>,
    delivery: Delivery,
    handler: EventHandler<N>,
  ): Promise<void> {
    const { tracing } = this.#options
    const { traceparent } = event
    if (!tracing.records) return tracing.continue(traceparent, () => handler(event, delivery))
    return tracing.span(
      {
        name: `process ${this.#destination(event.name)}`,
        kind: 'consumer',
        parent: { traceparent },
        attributes: {
          ...this.#attributes(event, 'process', 'process'),
          ...eventAttributes(event as StoredEvent),
          'messaging.consumer.group.name': consumer,
          'annals.delivery.attempt': delivery.attempt,
        },
        isFailure: (error) => isFailure(error, delivery),
      },
      () => handler(event, delivery),
    )
  }

  /** The part of the subject that says what kind of event it is: of few different values, as conventions ask for. */
  #destination(name: EventName): string {
    return `${this.#options.namespace}.events.${name}`
  }

  #attributes({ name }: { readonly name: EventName }, operation: string, type: string): Record<string, string> {
    return {
      'messaging.system': this.#options.system,
      'messaging.operation.name': operation,
      'messaging.operation.type': type,
      'messaging.destination.name': this.#destination(name),
    }
  }
}

/** What is to be tried again later is as it should be, and what a stop cuts off as well. */
function isFailure(error: unknown, { signal }: Delivery): boolean {
  return !(error instanceof RetryLaterError) && !signal.aborted
}
