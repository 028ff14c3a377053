import type { EventName } from './event-types.ts'

/** The bus was closed; nothing more can be asked of it. */
export class BusClosedError extends Error {
  override readonly name = 'BusClosedError'

  constructor() {
    super('the event bus is closed: what uses it must stop before its owner disposes of it')
  }
}

/** The engine behind the bus refused or cannot be reached. What was not acknowledged may be tried again. */
export class BusUnavailableError extends Error {
  override readonly name = 'BusUnavailableError'
  readonly operation: string

  constructor(operation: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`the event bus could not ${operation}: ${reason}`, { cause })
    this.operation = operation
  }
}

/** The event's payload is larger than the bus takes. Large things belong into a blob that the event names. */
export class EventTooLargeError extends Error {
  override readonly name = 'EventTooLargeError'
  readonly eventId: string
  readonly sizeBytes: number
  readonly limitBytes: number

  constructor(eventId: string, sizeBytes: number, limitBytes: number) {
    super(
      `the event ${eventId} has a payload of ${sizeBytes} bytes, and ${limitBytes} is the limit: ` +
        'put what is large into a blob and name it in the event',
    )
    this.eventId = eventId
    this.sizeBytes = sizeBytes
    this.limitBytes = limitBytes
  }
}

/** What was given to `publish` is no event. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError'
  readonly eventId: string
  /** `id`, `communityId`, `timeMilliseconds` or `payload`. */
  readonly field: string

  constructor(eventId: string, field: string, reason: string, cause?: unknown) {
    super(`the event ${JSON.stringify(eventId.slice(0, 200))} has no valid ${field}: ${reason}`, { cause })
    this.eventId = eventId
    this.field = field
  }
}

/** A name that this version does not know: in the log, when a newer version wrote it. */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError'
  readonly eventName: string
  /** Its place in the log; absent where it is not in it. */
  readonly sequence: number | undefined

  constructor(eventName: string, sequence?: number) {
    super(
      `${sequence === undefined ? 'there is' : `position ${sequence} of the log holds`} an event named ` +
        `${JSON.stringify(eventName)}, which this version does not know: was it written by a newer one?`,
    )
    this.eventName = eventName
    this.sequence = sequence
  }
}

/**
 * The log does not hold an event that somebody took out of it: it lost its end, or another log was put in its place. What
 * was made of that event holds no more.
 */
export class LostEventError extends Error {
  override readonly name = 'LostEventError'
  readonly sequence: number
  readonly eventId: string

  constructor(sequence: number, eventId: string) {
    super(`the log has lost the event ${JSON.stringify(eventId)}, which stood at position ${sequence}`)
    this.sequence = sequence
    this.eventId = eventId
  }
}

/** An event in the log does not decode. */
export class UndecodableEventError extends Error {
  override readonly name = 'UndecodableEventError'
  readonly sequence: number
  readonly eventId: string
  readonly eventName: EventName

  constructor(sequence: number, eventId: string, eventName: EventName, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`the event ${eventId} at position ${sequence} of the log does not decode as ${eventName}: ${reason}`, {
      cause,
    })
    this.sequence = sequence
    this.eventId = eventId
    this.eventName = eventName
  }
}

/** What was given to `consume` cannot work. */
export class InvalidConsumerError extends Error {
  override readonly name = 'InvalidConsumerError'
  readonly consumer: string
  /** `name`, `maxDeliveries`, `concurrency`, `backoffSeconds` or `forgetAfterSeconds`. */
  readonly field: string

  constructor(consumer: string, field: string, expected: string) {
    super(`the consumer ${JSON.stringify(consumer)} has no valid ${field}: expected ${expected}`)
    this.consumer = consumer
    this.field = field
  }
}

/** Two loops of one process under one durable name would take events from each other. */
export class ConsumerInUseError extends Error {
  override readonly name = 'ConsumerInUseError'
  readonly consumer: string

  constructor(consumer: string) {
    super(`the consumer ${consumer} runs already in this process: drain it first, or give the new one its own name`)
    this.consumer = consumer
  }
}

/** No dead letter has this number. */
export class UnknownDeadLetterError extends Error {
  override readonly name = 'UnknownDeadLetterError'
  readonly id: number

  constructor(id: number) {
    super(`there is no dead letter ${id}: it may have been replayed or dropped already; list them to see what is there`)
    this.id = id
  }
}

/**
 * A handler rejects with this when nothing went wrong but the time has not come. It does not count as a failure,
 * however often it happens.
 */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError'
  readonly delaySeconds: number

  constructor(delaySeconds: number, reason: string) {
    super(`to be handed out again in ${delaySeconds} s: ${reason}`)
    this.delaySeconds = delaySeconds
  }
}
