import type { MessageFns } from '@annals/proto/events/v1'
import { EventTooLargeError, InvalidEventError, UnknownEventError } from './errors.ts'
import type { PublishOptions } from './event-bus.ts'
import { eventCodecs, isEventName, type NewEvent } from './event-types.ts'
import type { EventRow } from './event-row.ts'

/** Largest payload of an event, encoded; the same as JetStream's by default. */
export const eventLimitBytes = 1024 * 1024

/** @throws UnknownEventError, InvalidEventError, EventTooLargeError */
export function encodeEvent(event: NewEvent, options: PublishOptions, now: () => number): Omit<EventRow, 'sequence'> {
  const { id, name, communityId } = event
  if (!isEventName(name)) throw new UnknownEventError(name)
  // A lone surrogate has no UTF-8 form: two ids would become one.
  if (id === '' || !id.isWellFormed()) throw new InvalidEventError(id, 'id', 'it must be Unicode text')
  if (communityId === '' || !communityId.isWellFormed()) {
    throw new InvalidEventError(id, 'communityId', 'it must be Unicode text')
  }
  const timeMilliseconds = Math.floor(options.timeMilliseconds ?? now())
  if (!Number.isSafeInteger(timeMilliseconds)) {
    throw new InvalidEventError(id, 'timeMilliseconds', `it must be Unix milliseconds, not ${timeMilliseconds}`)
  }
  const payload = encodePayload(event)
  if (payload.length > eventLimitBytes) throw new EventTooLargeError(id, payload.length, eventLimitBytes)
  return {
    id,
    name,
    community: communityId,
    time_ms: timeMilliseconds,
    source: options.source ?? '',
    traceparent: options.traceparent ?? null,
    payload,
  }
}

function encodePayload(event: NewEvent): Uint8Array {
  try {
    // The codec of the event's own name; TypeScript does not follow that through the union.
    const codec = eventCodecs[event.name] as MessageFns<unknown>
    return codec.encode(event.payload).finish()
  } catch (error) {
    throw new InvalidEventError(event.id, 'payload', error instanceof Error ? error.message : String(error), error)
  }
}
