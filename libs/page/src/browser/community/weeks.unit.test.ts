import { describe, expect, it } from 'vitest'
import type { SealedWeek } from './weeks.ts'
import { calendar, levelOf } from './weeks.ts'

const week = 604_800
const at = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000
const sealed = (from: number, messages: number, to = from + week): SealedWeek => ({
  from,
  to,
  messages,
  bytes: messages * 100,
  isWaiting: false,
})
const nothing = { gaps: [] }

describe('the calendar', () => {
  it('has a box for each week, in the year that has its Thursday', () => {
    const from = at('2024-12-30')
    const years = calendar([sealed(from, 5)], { ...nothing, now: at('2025-01-14'), sealedThrough: from + week })
    expect(years.map(({ year, weeks }) => [year, weeks.length])).toEqual([[2025, 3]])
    expect(years[0]?.weeks.map((each) => each?.state)).toEqual(['sealed', 'open', 'open'])
  })

  it('leaves out what is before the first week, and goes on through the years', () => {
    const from = at('2020-12-21')
    const years = calendar([sealed(from, 5)], { ...nothing, now: at('2022-01-04'), sealedThrough: from + week })
    expect(years.map(({ year }) => year)).toEqual([2020, 2021, 2022])
    expect(years[0]?.weeks.slice(0, 51).every((each) => each === undefined)).toBe(true)
    expect(years[1]?.weeks).toHaveLength(52)
  })

  it('counts a week that is sealed from any hour on once', () => {
    const from = at('2025-03-05') + 7_000
    const years = calendar([sealed(from, 5), sealed(from + week, 6), sealed(from + 2 * week, 7)], {
      ...nothing,
      now: from + 3 * week,
      sealedThrough: from + 3 * week,
    })
    const found = years.flatMap(({ weeks }) => weeks).filter((each) => each?.state === 'sealed')
    expect(found.map((each) => each?.messages)).toEqual([5, 6, 7])
    expect(found.some((each) => each?.hasSupplement)).toBe(false)
  })

  it('says what was added late, what was empty, and where a store had a gap', () => {
    const from = at('2025-03-03')
    const gap = { from: from + 10, to: from + 20, node: 'store', messages: 3 }
    const [year] = calendar([sealed(from, 5), sealed(from, 2), sealed(from + 2 * week, 1)], {
      now: from + 3 * week + 1,
      sealedThrough: from + 3 * week,
      gaps: [gap],
    })
    const boxes = year?.weeks.filter((each) => each !== undefined) ?? []
    expect(
      boxes.map(({ messages, state, hasSupplement, gaps }) => [messages, state, hasSupplement, gaps.length]),
    ).toEqual([
      [7, 'sealed', true, 1],
      [0, 'empty', false, 0],
      [1, 'sealed', false, 0],
      [0, 'open', false, 0],
    ])
  })

  it('stays small whatever times came', () => {
    const years = calendar([sealed(-1e12, 1), sealed(0, 1), sealed(1e13, 1)], {
      ...nothing,
      now: at('2026-11-22'),
      sealedThrough: at('2026-11-01'),
    })
    expect(years.length).toBeLessThanOrEqual(62)
  })

  it('colours by the busiest week', () => {
    const box = { from: 0, bytes: 0, state: 'sealed', hasSupplement: false, gaps: [] } as const
    expect([0, 1, 200, 600, 1000].map((messages) => levelOf({ ...box, messages }, 1000))).toEqual([0, 1, 2, 4, 4])
  })
})
