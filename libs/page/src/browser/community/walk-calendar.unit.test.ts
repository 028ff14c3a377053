import { describe, expect, it } from 'vitest'
import { nextWeek } from './walk-calendar.ts'
import { calendar } from './weeks.ts'

const week = 604_800
/** A Monday, the first of its year. */
const begin = Date.UTC(2022, 0, 3) / 1000
const until = begin + 120 * week
const archives = Array.from({ length: 120 }, (_, at) => ({
  from: begin + at * week,
  to: begin + (at + 1) * week,
  messages: 1,
  bytes: 1,
  isWaiting: false,
}))
const years = calendar(archives, { now: until - 1, sealedThrough: until, gaps: [] }).toReversed()

const press = (from: number, key: string, held: { ctrlKey?: boolean; altKey?: boolean } = {}): number | undefined =>
  nextWeek(years, from, { key, ctrlKey: false, altKey: false, metaKey: false, ...held })

describe('the keys of the calendar', () => {
  it('go through time, over the turn of a year as well, and stop at its ends', () => {
    const last = begin + 51 * week
    expect(press(last, 'ArrowRight')).toBe(last + week)
    expect(press(last + week, 'ArrowLeft')).toBe(last)
    expect(press(begin, 'ArrowLeft')).toBeUndefined()
    expect(press(begin + 119 * week, 'ArrowRight')).toBeUndefined()
  })

  it('go to the same week of the year above and below, or to the nearest there is', () => {
    expect(press(begin + 3 * week, 'ArrowUp')).toBe(begin + 55 * week)
    expect(press(begin + 55 * week, 'ArrowDown')).toBe(begin + 3 * week)
    expect(press(begin + 90 * week, 'ArrowUp')).toBe(begin + 119 * week)
    expect(press(begin, 'ArrowDown')).toBeUndefined()
  })

  it('go to the ends of a year, and of the history', () => {
    expect(press(begin + 60 * week, 'Home')).toBe(begin + 52 * week)
    expect(press(begin + 60 * week, 'End')).toBe(begin + 103 * week)
    expect(press(begin + 60 * week, 'Home', { ctrlKey: true })).toBe(begin)
    expect(press(begin + 60 * week, 'End', { ctrlKey: true })).toBe(begin + 119 * week)
  })

  it('leave other keys, and those of the browser, alone', () => {
    expect(press(begin, 'Tab')).toBeUndefined()
    expect(press(begin + week, 'ArrowLeft', { altKey: true })).toBeUndefined()
    expect(press(begin - week, 'ArrowRight')).toBeUndefined()
  })
})
