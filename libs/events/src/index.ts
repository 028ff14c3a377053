export { eventCodecs, eventId, eventNames, isEventName } from './event-types.ts'
export type { EventName, EventPayload, NewEvent, StoredEvent } from './event-types.ts'
export type {
  Consumption,
  ConsumerSpec,
  DeadLetter,
  DeadLetters,
  Delivery,
  EventBus,
  EventHandler,
  Published,
  PublishOptions,
  ReadOptions,
} from './event-bus.ts'
export { openEmbeddedBus } from './embedded/open-embedded-bus.ts'
export type { EmbeddedBusOptions } from './embedded/open-embedded-bus.ts'
export { busSchema } from './embedded/bus-schema.ts'
export type { BusLog } from './bus-log.ts'
export {
  BusClosedError,
  BusUnavailableError,
  ConsumerInUseError,
  EventTooLargeError,
  InvalidConsumerError,
  InvalidEventError,
  LostEventError,
  RetryLaterError,
  UndecodableEventError,
  UnknownDeadLetterError,
  UnknownEventError,
} from './errors.ts'
