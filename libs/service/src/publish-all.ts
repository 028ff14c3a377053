import type { DomainEvent } from '@annals/community'
import type { EventBus, NewEvent } from '@annals/events'
import { eventId } from '@annals/events'

/** Publishes what a decision came to, in order. Publishing it again after a crash is harmless: its ids say what happened. */
export async function publishAll(
  bus: EventBus,
  communityId: string,
  events: readonly DomainEvent[],
  source: string,
): Promise<void> {
  for (const { name, idParts, payload } of events)
    await bus.publish({ id: eventId(name, communityId, ...idParts), name, communityId, payload } as NewEvent, {
      source,
    })
}
