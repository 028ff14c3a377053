import { randomUUID } from 'node:crypto'
import { eventCodecs, eventId } from '@annals/events'
import type { EventName, NewEvent } from '@annals/events'

/** An event of a name, of a community of its own, with an empty payload. */
export function newEvent(name: EventName, communityId: string = randomUUID()): NewEvent {
  const payload = eventCodecs[name].create({})
  return { id: eventId(name, communityId, randomUUID()), name, communityId, payload } as NewEvent
}
