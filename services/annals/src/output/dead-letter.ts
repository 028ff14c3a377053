import type { DeadLetter } from '@annals/proto/api/v1'
import { eventDocument, eventText } from './event.ts'
import { durationText, firstLine, momentText, printable, shortId } from './format.ts'
import { fields, table } from './table.ts'

export function letterDocument({ event, ...letter }: DeadLetter): object {
  return { ...letter, event: event && eventDocument(event) }
}

export function lettersText(letters: readonly DeadLetter[]): string {
  const rows = letters.map(({ id, consumer, event, deliveries, error, timeMilliseconds }) => [
    id,
    consumer,
    `${event?.name ?? ''} ${event?.sequence ?? ''}`,
    shortId(event?.communityId ?? ''),
    deliveries,
    ageText(timeMilliseconds),
    firstLine(error),
  ])
  return table(['id', 'consumer', 'event', 'community', 'deliveries', 'age', 'error'], rows)
}

export function letterText({ id, consumer, event, deliveries, error, timeMilliseconds }: DeadLetter): string {
  const letter = fields([
    ['dead letter', id],
    ['consumer', consumer],
    ['deliveries', deliveries],
    ['given up', `${momentText(timeMilliseconds)}, ${ageText(timeMilliseconds)} ago`],
    ['error', printable(error)],
  ])
  return event === undefined ? letter : `${letter}\n${eventText(event)}`
}

/** By the machine's clock, which is also the one that says when an event was given up. */
function ageText(sinceMilliseconds: number): string {
  return durationText(Math.max(0, Math.floor((Date.now() - sinceMilliseconds) / 1000)))
}
