import { describe, expect, it } from 'vitest'
import { intervalsBehind } from './intervals-behind.ts'
import type { Schedule } from './schedule.ts'
import { initialSchedule } from './schedule.ts'

const archiving: Schedule = { ...initialSchedule, controlNode: true, joined: true, archivingOn: true, hasChats: true }
const week = 604_800

describe('intervalsBehind', () => {
  it('counts the intervals that are over since the last end, else since the oldest message', () => {
    const sealed = { ...archiving, lastArchivedEnd: 10 * week, oldestMessage: week }
    expect(intervalsBehind(sealed, 11 * week - 1, week)).toBe(0)
    expect(intervalsBehind(sealed, 11 * week, week)).toBe(1)
    expect(intervalsBehind({ ...archiving, oldestMessage: week }, 11 * week, week)).toBe(10)
  })

  it('is 0 where there is no message yet, and where the clock was set back', () => {
    expect(intervalsBehind(archiving, 11 * week, week)).toBe(0)
    expect(intervalsBehind({ ...archiving, lastArchivedEnd: 12 * week }, 11 * week, week)).toBe(0)
  })

  it('is nothing where the community is not archived here', () => {
    for (const off of ['controlNode', 'joined', 'archivingOn', 'hasChats'])
      expect(intervalsBehind({ ...archiving, [off]: false, lastArchivedEnd: 0 }, 11 * week, week)).toBeUndefined()
  })
})
