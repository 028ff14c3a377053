import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type {
  ConsumerSpec,
  Consumption,
  DeadLetters,
  EventBus,
  EventHandler,
  EventName,
  NewEvent,
  Published,
  PublishOptions,
  ReadOptions,
  StoredEvent,
} from '@annals/events'

const traceparentForm = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/

/**
 * A bus on which every event has a W3C trace context: that of the event whose handler published it, or a new one where
 * nothing came before. So all that follows from one tick of the clock is one trace.
 */
export class TracingBus implements EventBus {
  readonly #bus: EventBus
  readonly #handled = new AsyncLocalStorage<string | undefined>()

  constructor(bus: EventBus) {
    this.#bus = bus
  }

  get deadLetters(): DeadLetters {
    return this.#bus.deadLetters
  }

  publish(event: NewEvent, options: PublishOptions = {}): Promise<Published> {
    const traceparent = options.traceparent ?? childOf(this.#handled.getStore())
    return this.#bus.publish(event, { ...options, traceparent })
  }

  read(options?: ReadOptions): AsyncIterable<StoredEvent> {
    return this.#bus.read(options)
  }

  consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption> {
    return this.#bus.consume(spec, (event, delivery) =>
      this.#handled.run(event.traceparent, () => handler(event, delivery)),
    )
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
}

/** A span of its own in the trace of the one before it; the first one of a new trace where there is none. */
function childOf(traceparent: string | undefined): string {
  const [, traceId = randomHex(), flags = '01'] = traceparentForm.exec(traceparent ?? '') ?? []
  return `00-${traceId}-${randomHex().slice(16)}-${flags}`
}

/** 32 digits. Node keeps random bytes ready for UUIDs; asking for so few is a tenth of what a publish costs. */
function randomHex(): string {
  return randomUUID().replaceAll('-', '')
}
