import { UndecodableEventError, UnknownEventError } from './errors.ts'
import { eventCodecs, isEventName, type StoredEvent } from './event-types.ts'

/** An event as a log has it, encoded. */
export interface EventRow {
  readonly sequence: number
  readonly id: string
  readonly name: string
  readonly community: string
  readonly time_ms: number
  readonly source: string
  readonly traceparent: string | null
  readonly payload: Uint8Array
}

/** @throws UnknownEventError, UndecodableEventError */
export function toStoredEvent(row: EventRow): StoredEvent {
  if (!isEventName(row.name)) throw new UnknownEventError(row.name, row.sequence)
  try {
    return envelope(row, eventCodecs[row.name].decode(row.payload))
  } catch (error) {
    throw new UndecodableEventError(row.sequence, row.id, row.name, error)
  }
}

/** The event, or where it does not decode its envelope with an empty payload: a listing must show that as well. */
export function toShownEvent(row: EventRow): StoredEvent {
  try {
    return toStoredEvent(row)
  } catch {
    return envelope(row, isEventName(row.name) ? eventCodecs[row.name].fromPartial({}) : {})
  }
}

function envelope(row: EventRow, payload: unknown): StoredEvent {
  return {
    id: row.id,
    name: row.name,
    communityId: row.community,
    payload,
    sequence: row.sequence,
    timeMilliseconds: row.time_ms,
    source: row.source,
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
  } as StoredEvent
}
