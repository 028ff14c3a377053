const bytesUnits = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** Bytes as people read them: `1.2 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < bytesUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${bytesUnits[unit]}`
}

const spans = [
  ['year', 31_556_952],
  ['month', 2_629_746],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** How far a moment is from another one, Unix seconds each: `3 days ago`, `in 2 hours`, `now`. */
export function agoText(seconds: number, nowSeconds: number): string {
  const distance = seconds - nowSeconds
  for (const [unit, size] of spans)
    if (Math.abs(distance) >= size) return relative.format(Math.trunc(distance / size), unit)
  return distance > 0 ? 'in a moment' : 'just now'
}

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })

/** The furthest that a date can be from 1970. What comes from messages may say anything. */
const furthestSeconds = 8_640_000_000_000

/** A day in UTC, `21 Nov 2026`; for what is no moment, the number as it is. */
export function dateText(seconds: number): string {
  return isMoment(seconds) ? dates.format(seconds * 1000) : String(seconds)
}

/** The year of a day in UTC. */
export function yearText(seconds: number): string {
  return isMoment(seconds) ? String(new Date(seconds * 1000).getUTCFullYear()) : 'Unknown'
}

/** A moment in UTC; for what is none, the number as it is. */
export function timeText(seconds: number): string {
  return isMoment(seconds) ? `${times.format(seconds * 1000)} UTC` : String(seconds)
}

/** As `datetime` attributes want it; absent for what is no moment. */
export function isoText(seconds: number): string | undefined {
  return isMoment(seconds) ? new Date(seconds * 1000).toISOString() : undefined
}

function isMoment(seconds: number): boolean {
  return Number.isFinite(seconds) && Math.abs(seconds) <= furthestSeconds
}

const numbers = new Intl.NumberFormat('en')

/** `1,234 messages`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numbers.format(count)} ${count === 1 ? one : many}`
}

/** Names may be of any length. */
export const mostNameCharacters = 120

/** A community's name, or the beginning of its id where it has none. */
export function communityText({ name, communityId }: { readonly name: string; readonly communityId: string }): string {
  return isVisible(name) ? cutText(name, mostNameCharacters) : shortId(communityId)
}

/** A message as a sentence: long ids are cut, since nobody reads them, and it begins as sentences do. */
export function readableText(message: string): string {
  const short = message.replaceAll(/0x[0-9a-f]{20,}/gi, (id) => shortId(id))
  return /^[a-z]+ /.test(short) ? short.charAt(0).toUpperCase() + short.slice(1) : short
}

/** The beginning of an id, for where the whole would say no more to a person. */
export function shortId(id: string): string {
  return id.length > 13 ? `${id.slice(0, 12)}…` : id
}

/** What a stranger wrote, as far as there is room for it: a name may be a megabyte long. */
export function cutText(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text
}

/** Whether anything of a text is to be seen: one may be of zero-width characters, spaces and marks alone. */
export function isVisible(text: string): boolean {
  return /[^\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(text)
}
