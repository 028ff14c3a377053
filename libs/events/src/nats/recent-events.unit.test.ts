import { headers } from '@nats-io/transport-node'
import { expect, it } from 'vitest'
import { RecentEvents } from './recent-events.ts'
import { Subjects } from './subjects.ts'

const subjects = new Subjects('annals')

function take(events: RecentEvents, sequence: number, name: 'ArchiveDue' | 'ArchiveCreated', bytes = 0): void {
  events.take({
    subject: subjects.event(name, 'a', `${name}/${sequence}`),
    sequence,
    timeNanoseconds: 0n,
    headers: headers(),
    payload: new Uint8Array(bytes),
  })
}

const due = { community: 'a', names: ['ArchiveDue'] } as const

it('knows all that came by, of the names that are asked for', () => {
  const events = new RecentEvents(10)
  take(events, 11, 'ArchiveDue')
  take(events, 13, 'ArchiveCreated')
  take(events, 14, 'ArchiveDue')
  expect(events.find({ ...due, after: 10 })).toEqual([11, 14])
  expect(events.find({ ...due, after: 11 })).toEqual([14])
  expect(events.find({ community: 'a', names: undefined, after: 11 })).toEqual([13, 14])
  expect(events.find({ ...due, community: 'b', after: 10 })).toEqual([])
  expect(events.message(13)?.sequence).toBe(13)
})

it('knows of what was before only what it is told, for those names, as far back as that goes', () => {
  const events = new RecentEvents(10)
  take(events, 12, 'ArchiveDue')
  expect(events.find({ ...due, after: 9 })).toBeUndefined()
  // Who asked may have seen what came by meanwhile.
  events.tell({ ...due, after: 4 }, [5, 7, 12])
  expect(events.find({ ...due, after: 4 })).toEqual([5, 7, 12])
  expect(events.find({ ...due, after: 5 })).toEqual([7, 12])
  expect(events.find({ ...due, after: 3 })).toBeUndefined()
  expect(events.find({ community: 'a', names: ['ArchiveCreated'], after: 4 })).toBeUndefined()
  expect(events.find({ ...due, community: 'b', after: 4 })).toBeUndefined()
  events.tell({ ...due, after: 8 }, [])
  expect(events.find({ ...due, after: 4 })).toEqual([5, 7, 12])
  events.tell({ ...due, after: 0 }, [2, 5, 7])
  expect(events.find({ ...due, after: 0 })).toEqual([2, 5, 7, 12])
})

it('counts what it remembers, and keeps only so much of whole messages', () => {
  const events = new RecentEvents(0)
  for (let sequence = 1; sequence <= 20; sequence += 1) take(events, sequence, 'ArchiveDue', 1024 * 1024)
  expect(events.size).toBe(20)
  expect(events.find({ ...due, after: 0 })).toHaveLength(20)
  expect(events.message(1)).toBeUndefined()
  expect(events.message(20)?.payload).toHaveLength(1024 * 1024)
  expect(events.message(12)).toBeUndefined()
  expect(events.message(14)).toBeDefined()
})
