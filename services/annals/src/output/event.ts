import type { Event } from '@annals/proto/api/v1'
import { eventCodecs, isEventName } from '@annals/events'
import { momentText } from './format.ts'
import { fields } from './table.ts'

/** An event for programs: its envelope, and its payload as its name says how to read it. */
export function eventDocument({ payload, ...envelope }: Event): object {
  return { ...envelope, payload: readPayload(envelope.name, payload?.value) }
}

/** Every part of an event, the payload as JSON over several lines. */
export function eventText(event: Event): string {
  const { sequence, id, name, communityId, timeMilliseconds, source, traceparent, payload } = event
  const envelope = fields([
    ['event', name],
    ['id', id],
    ['position', sequence],
    ['community', communityId],
    ['time', momentText(timeMilliseconds)],
    ['source', source || '-'],
    ['trace', traceparent || '-'],
  ])
  return `${envelope}\n${JSON.stringify(readPayload(name, payload?.value), undefined, 2)}\n`
}

/** A node that is newer may say what this program does not know: then only that it happened. */
export function readPayload(name: string, bytes: Uint8Array | undefined): unknown {
  if (!isEventName(name) || bytes === undefined) return {}
  return eventCodecs[name].decode(bytes)
}
