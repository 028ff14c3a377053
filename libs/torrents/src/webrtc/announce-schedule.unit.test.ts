import { expect, it } from 'vitest'
import { AnnounceSchedule } from './announce-schedule.ts'

it('announces each at once, then when the tracker says, within bounds', () => {
  const schedule = new AnnounceSchedule()
  schedule.add('a')
  schedule.add('b')
  expect([schedule.next(0), schedule.next(0), schedule.next(0)]).toEqual(['a', 'b', undefined])
  schedule.taken('a', 60, 0)
  schedule.taken('b', 0, 0)
  expect(schedule.next(29_999)).toBeUndefined()
  expect(schedule.next(60_000)).toBe('a')
  expect(schedule.next(60_000)).toBe('b')
})

it('tries what was refused again, later each time', () => {
  const schedule = new AnnounceSchedule()
  schedule.add('a')
  let now = 0
  const waits = [2_000, 4_000, 8_000].map((wait) => {
    expect(schedule.next(now)).toBe('a')
    schedule.refused('a', now)
    const early = schedule.next(now + wait - 1)
    now += wait
    return early
  })
  expect(waits).toEqual([undefined, undefined, undefined])
  expect(schedule.next(now)).toBe('a')
})

it('announces all again to a tracker that knows nothing of them, and none that was removed', () => {
  const schedule = new AnnounceSchedule()
  for (const infoHash of ['a', 'b', 'c']) schedule.add(infoHash)
  while (schedule.next(0) !== undefined);
  schedule.remove('b')
  schedule.beginAnew(1_000)
  expect([schedule.next(1_000), schedule.next(1_000), schedule.next(1_000)]).toEqual(['a', 'c', undefined])
})
