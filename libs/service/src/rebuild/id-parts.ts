import type { StoredEvent } from '@annals/events'

/** What stands in an event's id behind its name and its community: see `eventId`. */
export function idParts({ id }: Pick<StoredEvent, 'id'>): string[] {
  return id.split('/').slice(2)
}
