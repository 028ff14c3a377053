/** A sealed range, Unix seconds. */
export interface SealedWeek {
  readonly from: number
  readonly to: number
  readonly messages: number
  readonly bytes: number
  /** What waits for a key is held and not read. */
  readonly isWaiting: boolean
}

/** A span in which a store had less than others. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly node: string
  readonly messages: number
}

/** One box of the calendar. */
export interface CalendarWeek {
  /** Where its 7 days begin, Unix seconds. */
  readonly from: number
  readonly messages: number
  readonly bytes: number
  readonly state: 'sealed' | 'empty' | 'open' | 'waiting'
  /** More than one archive covers it: something came late, or was archived after an outage. */
  readonly hasSupplement: boolean
  readonly gaps: readonly Gap[]
}

export interface CalendarYear {
  readonly year: number
  /** At most 53, from the year's first week on; `undefined` for weeks before the first or after now. */
  readonly weeks: readonly (CalendarWeek | undefined)[]
}

const weekSeconds = 604_800
/** Weeks of the calendar begin on a Monday: 5 January 1970 was one. */
const mondaySeconds = 4 * 86_400
/** A message may say that it is of the year 290,000. */
const mostYears = 60

/**
 * The years of a history, each a row of weeks. An archive counts for the week in which its middle is: whole weeks that are
 * sealed at any hour then have one box each.
 */
export function calendar(
  archives: readonly SealedWeek[],
  { now, sealedThrough, gaps }: { readonly now: number; readonly sealedThrough: number; readonly gaps: readonly Gap[] },
): CalendarYear[] {
  const first = archives.reduce((least, { from }) => Math.min(least, from), Infinity)
  if (first === Infinity) return []
  const byWeek = Map.groupBy(archives, ({ from, to }) => weekOf((from + to) / 2))
  const start = Math.max(weekOf(first), weekOf(now - mostYears * 31_556_952))
  const weeks: CalendarWeek[] = []
  for (let from = start; from <= now; from += weekSeconds) {
    const sealed = byWeek.get(from) ?? []
    weeks.push({
      from,
      messages: sum(sealed.map(({ messages }) => messages)),
      bytes: sum(sealed.map(({ bytes }) => bytes)),
      state: stateOf(sealed, from, sealedThrough),
      hasSupplement: sealed.length > 1,
      gaps: gaps.filter((gap) => gap.from < from + weekSeconds && gap.to >= from),
    })
  }
  return byYear(weeks)
}

function stateOf(sealed: readonly SealedWeek[], from: number, sealedThrough: number): CalendarWeek['state'] {
  if (sealed.length > 0) return sealed.some(({ isWaiting }) => isWaiting) ? 'waiting' : 'sealed'
  return from + weekSeconds / 2 < sealedThrough ? 'empty' : 'open'
}

/** A week is of the year that has its Thursday. */
function byYear(weeks: readonly CalendarWeek[]): CalendarYear[] {
  const years = Map.groupBy(weeks, ({ from }) => yearOf(from))
  return [...years].map(([year, own]) => {
    const firstThursday = Date.UTC(year, 0, 1) / 1000
    const begin = weekOf(firstThursday) + (yearOf(weekOf(firstThursday)) === year ? 0 : weekSeconds)
    const row: (CalendarWeek | undefined)[] = []
    for (const week of own) row[Math.round((week.from - begin) / weekSeconds)] = week
    return { year, weeks: Array.from(row) }
  })
}

function yearOf(weekFrom: number): number {
  return new Date((weekFrom + 3 * 86_400) * 1000).getUTCFullYear()
}

function weekOf(seconds: number): number {
  return Math.floor((seconds - mondaySeconds) / weekSeconds) * weekSeconds + mondaySeconds
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** How much of a week's box is coloured, 0 to 4: by the messages, against the busiest week. */
export function levelOf({ messages }: CalendarWeek, busiest: number): 0 | 1 | 2 | 3 | 4 {
  if (messages === 0) return 0
  const share = Math.sqrt(messages / Math.max(busiest, 1))
  return share > 0.75 ? 4 : share > 0.5 ? 3 : share > 0.25 ? 2 : 1
}
