import type { StoredEvent } from '@annals/events'
import { UndecodableEventError } from '@annals/events'
import { expect, it } from 'vitest'
import type { ReadableLog } from './log-reading.ts'
import { LogTail } from './log-tail.ts'
import { MemoryBus } from './testing/memory-bus.ts'

async function append(bus: MemoryBus, communityId: string): Promise<number> {
  const id = `ArchivingEnabled/${communityId}/${bus.log.length}`
  return (await bus.publish({ id, name: 'ArchivingEnabled', communityId, payload: {} })).sequence
}

it('knows of a community what came by, and nothing of what was there before', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  await append(bus, 'before')
  await tail.catchUp(bus)
  await append(bus, 'one')
  const second = await append(bus, 'one')
  const reading = await tail.catchUp(bus)
  expect(reading.lastOf('before')).toBeUndefined()
  expect(reading.lastOf('one')).toBe(second)
})

it('takes what it is told for true unless it knows of something later', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  const before = await append(bus, 'one')
  const reading = await tail.catchUp(bus)
  reading.tell('one', before)
  expect(reading.lastOf('one')).toBe(before)
  const later = await append(bus, 'one')
  await tail.catchUp(bus)
  reading.tell('one', before)
  expect(reading.lastOf('one')).toBe(later)
})

it('collects what comes by of the communities that are watched, whoever reads on', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  const reading = await tail.catchUp(bus)
  using watch = reading.watch(['one', 'two'])
  const sequence = await append(bus, 'one')
  await append(bus, 'other')
  await Promise.all([tail.catchUp(bus), tail.catchUp(bus)])
  expect(watch.of('one').map((event) => event.sequence)).toEqual([sequence])
  expect(watch.of('two')).toEqual([])
})

it('begins anew, knowing nothing, when the log was set back', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  const reading = await tail.catchUp(bus)
  await append(bus, 'one')
  await append(bus, 'two')
  await tail.catchUp(bus)
  bus.log.pop()
  const again = await tail.catchUp(bus)
  expect(again).not.toBe(reading)
  expect(again.lastOf('one')).toBeUndefined()
})

it('begins anew when it is told to forget while it reads', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  const first = await tail.catchUp(bus)
  await append(bus, 'one')
  const log: ReadableLog = {
    lastSequence: () => bus.lastSequence(),
    async *read(options) {
      yield* bus.read(options)
      tail.forget()
    },
  }
  const reading = await tail.catchUp(log)
  expect(reading).not.toBe(first)
  expect(reading.lastOf('one')).toBeUndefined()
})

it('is not held up by an event that cannot be read: it knows of nothing before it', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  const first = await tail.catchUp(bus)
  await append(bus, 'one')
  const log: ReadableLog = {
    lastSequence: () => bus.lastSequence(),
    read: () => failingRead(new UndecodableEventError(1, 'id', 'ArchivingEnabled', new Error('no such field'))),
  }
  const reading = await tail.catchUp(log)
  expect(reading).not.toBe(first)
  const later = await append(bus, 'two')
  expect((await tail.catchUp(bus)).lastOf('two')).toBe(later)
})

it('goes on where it was after the log could not be read for a while', async () => {
  const bus = new MemoryBus()
  const tail = new LogTail()
  const first = await tail.catchUp(bus)
  const sequence = await append(bus, 'one')
  const away = new Error('the log is away')
  const log: ReadableLog = { lastSequence: () => bus.lastSequence(), read: () => failingRead(away) }
  await expect(tail.catchUp(log)).rejects.toBe(away)
  const reading = await tail.catchUp(bus)
  expect(reading).toBe(first)
  expect(reading.lastOf('one')).toBe(sequence)
})

// oxlint-disable-next-line require-yield -- it fails before its first event
async function* failingRead(error: Error): AsyncGenerator<StoredEvent> {
  throw error
}
