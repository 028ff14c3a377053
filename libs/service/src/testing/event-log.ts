import type { EventName, EventPayload, StoredEvent } from '@annals/events'
import { eventCodecs, eventId } from '@annals/events'

/** An event at a position of a log; what is not given of its payload is empty. */
export function eventAt<N extends EventName>(
  sequence: number,
  communityId: string,
  name: N,
  payload: Partial<EventPayload<N>> = {},
  ...idParts: (string | number)[]
): StoredEvent {
  const codec = eventCodecs[name] as { fromPartial(payload: object): unknown }
  return {
    id: eventId(name, communityId, ...(idParts.length === 0 ? [sequence] : idParts)),
    name,
    communityId,
    payload: codec.fromPartial(payload),
    sequence,
    timeMilliseconds: sequence,
    source: 'test',
  } as StoredEvent
}
