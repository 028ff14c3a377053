import type { EventName, NewEvent, StoredEvent } from './event-types.ts'

/** The log of all events and the way services hand them to each other. One adapter per engine, one contract suite. */
export interface EventBus extends AsyncDisposable {
  /**
   * Appends an event; resolves once it is durable. An id that the log already holds changes nothing: the answer then
   * names the first one's position and says `duplicate`.
   * @throws EventTooLargeError, InvalidEventError, BusClosedError, BusUnavailableError
   */
  publish(event: NewEvent, options?: PublishOptions): Promise<Published>

  /**
   * Events in log order after a position. With `follow` it goes on with those that come, until `signal` aborts;
   * without, an abort rejects, so that a reading that was cut off does not look complete. Events of a name that this
   * version does not know are left out and logged.
   * @throws UndecodableEventError, LostEventError, BusClosedError, BusUnavailableError
   */
  read(options?: ReadOptions): AsyncIterable<StoredEvent>

  /**
   * Starts handing the events of a durable consumer to a handler, at least once each and also across restarts.
   * An event counts as handled when the handler resolves (the ack comes after the effect). When it rejects, the event
   * comes again after the spec's backoff while later ones go on; after `maxDeliveries` it goes to the dead letters
   * with its error. A handler that rejects with `RetryLaterError` is not counted as failed.
   * At most one event of a community is with this process's handler at a time. An event that cannot be handed out (of
   * a name that is unknown or not in the spec any more, or not to be decoded) goes to the dead letters at once.
   * @throws InvalidConsumerError, ConsumerInUseError, BusClosedError, BusUnavailableError
   */
  consume<N extends EventName>(spec: ConsumerSpec<N>, handler: EventHandler<N>): Promise<Consumption>

  readonly deadLetters: DeadLetters

  /** Position of the last event in the log; 0 for an empty log. */
  lastSequence(): Promise<number>

  /**
   * Calls back each time the engine is there again after it could not be reached. An engine that died may have lost what
   * it had taken last (a machine that lost power before its disk wrote), so whoever owns state asserts it again then.
   * Never called by an engine that cannot go away by itself.
   */
  onReconnect(listener: () => void): Disposable
}

export interface PublishOptions {
  /** The publishing service; stands in the event's envelope. */
  readonly source?: string
  readonly traceparent?: string
  /** Unix milliseconds; the moment of publishing where absent. */
  readonly timeMilliseconds?: number
}

export interface Published {
  readonly sequence: number
  readonly duplicate: boolean
}

export interface ReadOptions {
  /** Only events after this position; 0, the default, is the start of the log. */
  readonly after?: number
  /**
   * The id of the event at `after`, by somebody whose state takes that event in: the reading rejects if the log does not
   * hold it there any more.
   */
  readonly afterId?: string
  readonly names?: readonly EventName[]
  readonly communityId?: string
  readonly follow?: boolean
  readonly signal?: AbortSignal
}

export interface ConsumerSpec<N extends EventName> {
  /** Durable name; position and redeliveries are kept under it. */
  readonly name: string
  readonly events: readonly N[]
  /** Where a consumer that is new begins. */
  readonly startFrom?: 'beginning' | 'end'
  /**
   * For a consumer that belongs to one process and whose position is worth nothing to others: where nobody asked for so
   * long, the engine may forget it, and it begins anew by `startFrom`. Kept for ever where absent.
   */
  readonly forgetAfterSeconds?: number
  /** Deliveries before an event goes to the dead letters. */
  readonly maxDeliveries: number
  /** Waits before delivery 2, 3, …; the last one serves for all further ones. */
  readonly backoffSeconds: readonly number[]
  /** Events of different communities that may be with the handler at once. */
  readonly concurrency: number
}

export type EventHandler<N extends EventName> = (event: StoredEvent<N>, delivery: Delivery) => Promise<void>

export interface Delivery {
  /** 1 at the first delivery. One that the end of the process cut off counts here, but not as a failure at first. */
  readonly attempt: number
  /** Aborts when the consumption is told to stop; the handler then gives up or finishes, as it sees fit. */
  readonly signal: AbortSignal
  /** Tells the bus that the handler is still at it, so that a long one is not taken for dead. */
  working(): void
}

export interface Consumption extends AsyncDisposable {
  /** Takes no new event, waits for the ones under way. Disposing does the same. */
  drain(): Promise<void>
  /** Resolves when nothing that is due now waits or is under way; for tests and for shutting down in order. */
  idle(): Promise<void>
  /**
   * How many events the consumer has not handled, those under way and those that wait for another try among them; of all
   * processes together. @throws BusUnavailableError
   */
  lag(): Promise<number>
}

export interface DeadLetter {
  readonly id: number
  readonly consumer: string
  readonly event: StoredEvent
  readonly deliveries: number
  readonly error: string
  readonly timeMilliseconds: number
}

export interface DeadLetters {
  list(): AsyncIterable<DeadLetter>
  /** How many there are. @throws BusUnavailableError */
  count(): Promise<number>
  /** Hands the event to its consumer again, with its count of deliveries at zero. @throws UnknownDeadLetterError */
  replay(id: number): Promise<void>
  /** @throws UnknownDeadLetterError */
  drop(id: number): Promise<void>
}
