import type { DomainEvent } from '@annals/community'
import type { EventBus, NewEvent } from '@annals/events'
import { eventId } from '@annals/events'

/**
 * Publishes what a decision came to, in order. Publishing it again after a crash is harmless: its ids say what happened.
 * @returns whether the log held one of them already: somebody else decided at the same time
 */
export async function publishAll(
  bus: EventBus,
  communityId: string,
  events: readonly DomainEvent[],
  source: string,
): Promise<{ readonly raced: boolean }> {
  let raced = false
  for (const { name, idParts, payload } of events) {
    const event = { id: eventId(name, communityId, ...idParts), name, communityId, payload } as NewEvent
    const { duplicate } = await bus.publish(event, { source })
    raced ||= duplicate
  }
  return { raced }
}
