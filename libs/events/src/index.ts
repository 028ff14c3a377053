export { eventCodecs, eventId, eventNames, eventSubject, isEventName } from './event-types.ts'
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
