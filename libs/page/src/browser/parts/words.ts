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

/** A community's name, or the beginning of its id where it has none. */
export function communityText({ name, communityId }: { readonly name: string; readonly communityId: string }): string {
  return name === '' ? `${communityId.slice(0, 12)}…` : name
}
