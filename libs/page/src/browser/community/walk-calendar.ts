import type { CalendarYear } from './weeks.ts'

/** The keys that lead from a week to another one. */
type Walk = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey'>

/**
 * Which week a key leads to: left and right through time, up and down to the same week of the year that stands there,
 * Home and End within a year, with Ctrl to the first and the last week of all.
 * @param years as they stand, from above
 * @param from where the week begins that has the focus, Unix seconds
 * @returns where the next one begins; `undefined` where the key leads nowhere
 */
export function nextWeek(years: readonly CalendarYear[], from: number | undefined, walk: Walk): number | undefined {
  const { key, ctrlKey, altKey, metaKey } = walk
  if (altKey || metaKey) return undefined
  const row = years.findIndex(({ weeks }) => weeks.some((week) => week?.from === from))
  const inYear = (place: number): readonly number[] =>
    (years[place]?.weeks ?? []).flatMap((week) => (week === undefined ? [] : [week.from]))
  const inTime = years.flatMap((_, place) => inYear(place)).toSorted((a, b) => a - b)
  const at = inTime.indexOf(from ?? Number.NaN)
  if (row < 0 || at < 0) return undefined
  switch (key) {
    case 'ArrowLeft':
      return inTime[at - 1]
    case 'ArrowRight':
      return inTime[at + 1]
    case 'ArrowUp':
      return sameWeek(years, row, row - 1, from)
    case 'ArrowDown':
      return sameWeek(years, row, row + 1, from)
    case 'Home':
      return ctrlKey ? inTime[0] : inYear(row)[0]
    case 'End':
      return ctrlKey ? inTime.at(-1) : inYear(row).at(-1)
    default:
      return undefined
  }
}

/** The nearest week of another year. */
function sameWeek(
  years: readonly CalendarYear[],
  row: number,
  other: number,
  from: number | undefined,
): number | undefined {
  const place = years[row]?.weeks.findIndex((week) => week?.from === from) ?? -1
  let nearest: { readonly from: number; readonly distance: number } | undefined
  for (const [index, week] of (years[other]?.weeks ?? []).entries()) {
    const distance = Math.abs(index - place)
    if (week !== undefined && (nearest === undefined || distance < nearest.distance))
      nearest = { from: week.from, distance }
  }
  return nearest?.from
}
