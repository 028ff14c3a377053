import { describe, expect, it } from 'vitest'
import { World, intervalSeconds, options } from '../testing/world.ts'
import {
  decideSchedule,
  isSameLater,
  longestSyncSeconds,
  stillStands,
  storeNodeHistorySeconds,
} from './decide-schedule.ts'
import { evolveSchedule } from './evolve-schedule.ts'
import type { Schedule, ScheduleEvent } from './schedule.ts'
import { initialSchedule } from './schedule.ts'

function archivingWorld(...messages: number[]): World {
  const world = new World()
  world.messages.push(...messages.map((ago) => world.now - ago))
  world.add()
  world.on()
  return world
}

describe('schedule › switching archiving on', () => {
  it('asks for the last 30 days where no message is held', () => {
    const week = 7 * 86_400
    const now = 1_700_000_000
    const answer = decideSchedule(archivingWorld().schedule(), now, {
      intervalSeconds: week,
      historySeconds: storeNodeHistorySeconds,
      syncsBeforeRanges: false,
    })
    expect(answer.events).toEqual([
      { name: 'HistorySyncRequested', idParts: [1], payload: { since: now - 30 * 86_400, until: now } },
    ])
  })

  it('asks for what came after the newest message held at the last sync', () => {
    const world = archivingWorld(30, 20)
    world.settle()
    world.off()
    world.tick(50)
    world.on()
    expect(world.decided()).toEqual([
      { name: 'HistorySyncRequested', idParts: [2], payload: { since: world.now - 70, until: world.now } },
    ])
  })

  it('asks for all that store nodes have where the newest message claims to come from the future', () => {
    const world = archivingWorld(-5_000)
    world.settle()
    world.off()
    world.tick(-50)
    world.on()
    expect(world.decided()).toMatchObject([{ payload: { since: world.now - options.historySeconds } }])
  })

  it('asks from the last sync on where the newest message claims to come from after it', () => {
    const world = archivingWorld(-40)
    world.settle()
    world.off()
    world.tick(50)
    world.on()
    expect(world.decided()).toMatchObject([{ payload: { since: world.now - 50 } }])
  })

  it('asks for nothing and archives nothing before it, or where the community has no chats', () => {
    const world = new World()
    world.messages.push(world.now - 1_000)
    world.add()
    expect(world.settle()).toBeUndefined()
    world.command({ type: 'ChangeChats', chats: [] })
    world.on()
    expect(world.settle()).toBeUndefined()
    world.command({ type: 'ChangeChats', chats: [{ channelId: 'general', name: '' }] })
    world.settle()
    expect(world.dueRanges()).toEqual([{ from: world.now - 1_000, to: world.now }])
  })

  it('never does anything for a community that is not controlled here', () => {
    const world = new World()
    world.messages.push(world.now - 1_000)
    world.add(false)
    world.on()
    expect(world.settle()).toBeUndefined()
    expect(world.names()).toEqual(['CommunityAdded', 'ArchivingEnabled'])
  })
})

describe('schedule › the three start-up cases', () => {
  it('case 1, no message: the interval begins, and its tick archives what came meanwhile', () => {
    const world = archivingWorld()
    const began = world.now
    expect(world.settle()).toBe(began + intervalSeconds)
    world.tick(40)
    world.messages.push(world.now)
    world.tick(60)
    expect(world.settle()).toBe(began + 2 * intervalSeconds)
    expect(world.dueRanges()).toEqual([{ from: began + 40, to: began + intervalSeconds }])
  })

  it('case 1, still no message at the tick: the next interval begins', () => {
    const world = archivingWorld()
    world.settle()
    world.tick(intervalSeconds)
    expect(world.settle()).toBe(world.now + intervalSeconds)
    expect(world.dueRanges()).toEqual([])
  })

  it('case 1, the only message claims to come from the future: the interval goes on', () => {
    const world = archivingWorld(-1_000_000)
    expect(world.settle()).toBe(world.now + intervalSeconds)
    world.tick(50)
    world.messages.push(world.now)
    world.tick(50)
    world.settle()
    expect(world.dueRanges()).toEqual([{ from: world.now - 50, to: world.now }])
  })

  it('case 1, then an old message: everything up to now, at once', () => {
    const world = archivingWorld()
    world.settle()
    world.messages.push(world.now - 150)
    world.tick(intervalSeconds + 50)
    world.settle()
    expect(world.dueRanges()).toEqual([{ from: world.now - 300, to: world.now }])
  })

  it('case 2, less than an interval to archive: waits until the interval is full', () => {
    const world = archivingWorld(30)
    const start = world.now - 30
    expect(world.settle()).toBe(start + intervalSeconds)
    world.tick(69)
    world.settle()
    expect(world.dueRanges()).toEqual([])
    world.tick(1)
    expect(world.settle()).toBe(start + 2 * intervalSeconds)
    expect(world.dueRanges()).toEqual([{ from: start, to: start + intervalSeconds }])
  })

  it('case 2 archives once, not twice, so that it is announced once', () => {
    const world = archivingWorld(30)
    for (let step = 0; step < 25; step++) {
      world.settle()
      world.tick(5)
    }
    expect(world.dueRanges()).toHaveLength(1)
  })

  it('case 3, an interval or more to archive: everything up to now, at once', () => {
    const world = archivingWorld(170)
    expect(world.settle()).toBe(world.now + intervalSeconds)
    expect(world.dueRanges()).toEqual([{ from: world.now - 170, to: world.now }])
    expect(world.log.find((event) => event.name === 'ArchiveDue')?.payload).toMatchObject({ intervalSeconds })
  })

  it('starts from the last archived end, not from the oldest message, when switched on again', () => {
    const world = archivingWorld(170)
    world.settle()
    const end = world.now
    world.off()
    world.tick(250)
    world.on()
    world.settle()
    expect(world.dueRanges().at(-1)).toEqual({ from: end, to: end + 250 })
  })

  it('switched on again, does not wait for an attempt from before', () => {
    const world = archivingWorld(170)
    world.runScheduler()
    world.sync(world.requests[0])
    world.publishLate()
    world.runScheduler()
    world.due.length = 0
    world.off()
    world.tick(5)
    world.on()
    world.settle()
    expect(world.dueRanges().at(-1)).toEqual({ from: world.now - 175, to: world.now })
    expect(world.schedule().pending).toBeUndefined()
  })

  it('switched on again within the second of an attempt, declares no range due that the log has', () => {
    const world = archivingWorld(170)
    world.runScheduler()
    world.sync(world.requests[0])
    world.publishLate()
    world.runScheduler()
    world.due.length = 0
    world.off()
    world.on()
    expect(world.settle()).toBe(world.now + intervalSeconds)
    expect(world.dueRanges()).toHaveLength(1)
  })

  it('runs the cases when a community that was left is added again, and seals nothing a second time', () => {
    const world = archivingWorld(170)
    world.settle()
    const end = world.now
    world.command({ type: 'LeaveCommunity' })
    world.add()
    world.tick(120)
    world.on()
    world.settle()
    expect(world.sealed.at(-1)).toEqual({ from: end, to: end + 120 })
  })
})

describe('schedule › the interval', () => {
  it('gives one range an interval, each from the end of the last', () => {
    const world = archivingWorld(0)
    const start = world.now
    for (let step = 0; step < 35; step++) {
      world.settle()
      world.tick(10)
    }
    expect(world.dueRanges()).toEqual([
      { from: start, to: start + 100 },
      { from: start + 100, to: start + 200 },
      { from: start + 200, to: start + 300 },
    ])
  })

  it('moves on also when a range held nothing', () => {
    const world = archivingWorld(0)
    world.settle()
    world.tick(intervalSeconds)
    world.settle()
    expect(world.names()).toContain('NoArchiveCreated')
    expect(world.schedule().lastArchivedEnd).toBe(world.now)
  })

  it('a tick noticed less than an interval late archives a whole interval', () => {
    const world = archivingWorld(0)
    const start = world.now
    world.settle()
    world.tick(199)
    expect(world.settle()).toBe(start + 200)
    expect(world.dueRanges()).toEqual([{ from: start, to: start + 100 }])
  })

  it('a tick noticed an interval late or more archives everything up to now', () => {
    const world = archivingWorld(0)
    const start = world.now
    world.settle()
    world.tick(250)
    world.settle()
    expect(world.dueRanges()).toEqual([{ from: start, to: start + 250 }])
  })

  it('two schedulers that notice a tick at different moments decide the same event', () => {
    const world = archivingWorld(0)
    world.settle()
    world.tick(101)
    const first = world.decided()
    world.tick(20)
    expect(world.decided()).toEqual(first)
  })

  it('a clock set back waits, and gives no range that is sealed or negative', () => {
    const world = archivingWorld(170)
    world.settle()
    const end = world.now
    world.tick(-5_000)
    expect(world.settle()).toBe(end + intervalSeconds)
    world.off()
    world.on()
    world.settle()
    expect(world.sealed).toHaveLength(1)
  })
})

describe('schedule › a clock that ran ahead and was set right', () => {
  const ahead = 1_000_000

  it('a sync asked for then is asked for again, and its answer counts', () => {
    const world = archivingWorld(170)
    world.tick(ahead)
    world.runScheduler()
    world.requests.length = 0
    world.tick(-ahead)
    world.settle()
    expect(world.schedule().run).toMatchObject({ synced: true, startedAt: world.now })
    expect(world.dueRanges()).toEqual([{ from: world.now - 170, to: world.now }])
  })

  it('an interval that began then does not last until then', () => {
    const world = archivingWorld()
    world.tick(ahead)
    world.settle()
    world.tick(-ahead)
    expect(world.settle()).toBe(world.now + intervalSeconds)
  })
})

describe('schedule › control that moves', () => {
  const released = { infoHash: '', clockMilliseconds: 0 }

  it('declares nothing due after it is released, also what was due at that moment', () => {
    const world = archivingWorld(0)
    world.settle()
    world.command({ type: 'ReleaseControl', ...released })
    world.tick(5 * intervalSeconds)
    expect(world.decided()).toEqual([])
    expect(world.schedule()).toMatchObject({ controlNode: false, archivingOn: true })
  })

  it('goes on where another host has sealed to, in the same grid', () => {
    const world = new World()
    world.messages.push(world.now - 1_000)
    world.add(false)
    world.on()
    const end = world.now - 30
    world.command({ type: 'TakeControl', lastArchivedEnd: end, magnetLink: '' })
    expect(world.settle()).toBe(end + intervalSeconds)
    world.tick(intervalSeconds)
    world.settle()
    expect(world.dueRanges()).toEqual([{ from: end, to: end + intervalSeconds }])
  })

  it('seals at once what a whole interval was due while nobody had it', () => {
    const world = archivingWorld(0)
    world.settle()
    const end = world.now
    world.command({ type: 'ReleaseControl', ...released })
    world.tick(3 * intervalSeconds)
    world.command({ type: 'TakeControl', lastArchivedEnd: end, magnetLink: '' })
    world.settle()
    expect(world.dueRanges().at(-1)).toEqual({ from: end, to: world.now })
  })

  it('takes no step back where the host before had sealed less', () => {
    const world = archivingWorld(170)
    world.settle()
    const { lastArchivedEnd } = world.schedule()
    world.command({ type: 'ReleaseControl', ...released })
    world.command({ type: 'TakeControl', lastArchivedEnd: 5, magnetLink: '' })
    expect(world.schedule().lastArchivedEnd).toBe(lastArchivedEnd)
  })
})

describe('schedule › weak points of status-go', () => {
  it('two timers share the last community: each community has its own state, with nothing beside it', () => {
    const one = archivingWorld(30)
    const other = archivingWorld(90)
    one.settle()
    other.settle()
    one.tick(70)
    other.tick(70)
    one.off()
    one.settle()
    other.settle()
    expect(one.dueRanges()).toEqual([])
    expect(other.dueRanges()).toHaveLength(1)
  })

  it('a timer fires after archiving was switched off: nothing happens', () => {
    const world = archivingWorld(0)
    const wakeAt = world.settle() ?? 0
    world.off()
    world.tick(wakeAt - world.now)
    const before = world.log.length
    expect(world.settle()).toBeUndefined()
    expect(world.log).toHaveLength(before)
  })

  it('a timer fires after the community was left: nothing happens', () => {
    const world = archivingWorld(0)
    world.settle()
    world.command({ type: 'LeaveCommunity' })
    world.tick(500)
    expect(world.decided()).toEqual([])
  })

  it('a failed store-node sync is asked for again after its bound, with another id', () => {
    const world = archivingWorld()
    expect(world.runScheduler()).toBe(world.now + intervalSeconds)
    world.tick(intervalSeconds)
    expect(world.decided()).toMatchObject([{ name: 'HistorySyncRequested', idParts: [2] }])
    const hourly = { ...options, intervalSeconds: 604_800 }
    const asked = archivingWorld()
    asked.runScheduler()
    expect(decideSchedule(asked.schedule(), asked.now, hourly).wakeAt).toBe(asked.now + longestSyncSeconds)
  })

  it('where there is a network, a range is due once its stores were asked up to its end', () => {
    const world = new World({ syncsBeforeRanges: true })
    world.messages.push(world.now - 30)
    world.add()
    world.on()
    world.settle()
    const start = world.now - 30
    world.tick(75)
    expect(world.runScheduler()).toBe(world.now + intervalSeconds)
    expect(world.requests.map(({ payload }) => payload)).toEqual([{ since: start, until: world.now }])
    expect(world.dueRanges()).toEqual([])
    world.tick(2)
    world.settle()
    expect(world.dueRanges()).toEqual([{ from: start, to: start + intervalSeconds }])
    expect(world.names().filter((name) => name === 'HistorySyncRequested')).toHaveLength(2)
  })

  it('where there is a network that does not answer, a range is due one bound after its stores were asked', () => {
    const world = new World({ syncsBeforeRanges: true })
    world.messages.push(world.now - 30)
    world.add()
    world.on()
    world.settle()
    const start = world.now - 30
    world.tick(70)
    world.runScheduler()
    world.tick(intervalSeconds - 1)
    world.runScheduler()
    expect(world.dueRanges()).toEqual([])
    world.tick(1)
    world.runScheduler()
    expect(world.dueRanges()).toEqual([{ from: start, to: world.now }])
  })

  it('a failed store-node sync does not leave a community without an interval', () => {
    const world = archivingWorld(30)
    world.settle()
    world.off()
    world.on()
    world.tick(1)
    world.runScheduler()
    world.requests.length = 0
    world.tick(intervalSeconds)
    expect(world.decided()).toMatchObject([
      { name: 'HistorySyncRequested' },
      { name: 'ArchiveDue', payload: { from: world.now - 131, to: world.now - 31 } },
    ])
  })

  it('a range archived twice: a result that came is not asked for again, whatever is redelivered', () => {
    const world = archivingWorld(170)
    world.settle()
    for (const name of ['ArchiveDue', 'NoArchiveCreated'])
      for (const event of world.log.filter((each) => each.name === name)) world.append(event)
    world.settle()
    expect(world.sealed).toHaveLength(1)
    expect(world.schedule().pending).toBeUndefined()
  })

  it('a failed attempt does not stop the interval: a longer range follows from the same start', () => {
    const world = archivingWorld(170)
    const start = world.now - 170
    const first = world.now
    world.runScheduler()
    world.sync(world.requests[0])
    world.publishLate()
    expect(world.runScheduler()).toBe(first + intervalSeconds)
    world.tick(intervalSeconds)
    world.runScheduler()
    expect(world.dueRanges()).toEqual([
      { from: start, to: first },
      { from: start, to: first + intervalSeconds },
    ])
    world.seal(world.due[1])
    world.seal(world.due[0])
    expect(world.sealed).toEqual([{ from: start, to: first + intervalSeconds }])
  })
})

describe('schedule › results and answers', () => {
  it('takes a result that arrives after archiving was switched off', () => {
    const world = archivingWorld(170)
    world.runScheduler()
    world.sync(world.requests[0])
    world.publishLate()
    world.runScheduler()
    world.off()
    world.seal(world.due[0])
    world.publishLate()
    expect(world.schedule()).toMatchObject({ lastArchivedEnd: world.now, archivingOn: false })
  })

  it('a result for an older range changes nothing', () => {
    const world = archivingWorld(170)
    world.settle()
    const before = world.schedule()
    world.append({ name: 'NoArchiveCreated', payload: { from: 1, to: 5, leftOutMessages: 0 } })
    expect(world.schedule()).toEqual({ ...before, lastSequence: before.lastSequence + 1 })
  })

  it('of two ranges without a result, the one that ends last is waited for', () => {
    const world = archivingWorld(170)
    world.settle()
    const end = world.now
    world.append({ name: 'ArchiveDue', payload: { from: end, to: end + 20, intervalSeconds } })
    world.append({ name: 'ArchiveDue', payload: { from: end, to: end + 10, intervalSeconds } })
    expect(world.schedule().pending).toEqual({ from: end, to: end + 20 })
  })

  it('a late answer to an earlier request leaves the later one to be answered', () => {
    const world = archivingWorld(30)
    world.runScheduler()
    world.sync(world.requests[0])
    world.tick(intervalSeconds)
    world.runScheduler()
    world.publishLate()
    expect(world.schedule().run).toMatchObject({ synced: true, askedAt: world.now })
    world.settle()
    expect(world.schedule().run).not.toHaveProperty('askedAt')
  })

  it('an answer to a sync from before archiving was switched on is no answer to the one asked since', () => {
    const world = archivingWorld(30)
    world.runScheduler()
    world.sync(world.requests[0])
    world.off()
    world.on()
    world.tick(5)
    world.runScheduler()
    world.publishLate()
    expect(world.schedule().run).toMatchObject({ synced: false })
    expect(world.schedule().oldestMessage).toBe(world.now - 35)
  })

  it('switching off and on within a second needs no second answer to the same question', () => {
    const world = archivingWorld(0)
    world.settle()
    world.off()
    world.on()
    world.settle()
    const asked = world.log.filter((event) => event.name === 'HistorySyncRequested')
    world.off()
    world.on()
    world.runScheduler()
    expect(asked).toHaveLength(2)
    expect(world.schedule().run).toMatchObject({ synced: true })
  })

  it('an answer that a log which lost its end has again before its question is one: it does not come again', () => {
    const now = 2_000_000
    const events = [
      { name: 'CommunityAdded', payload: { controlNode: true, name: '', chats: [{ channelId: 'general', name: '' }] } },
      {
        name: 'HistorySynced',
        payload: { since: 0, until: now, oldestMessage: 5, newestMessage: now - 7, storeSync: undefined },
      },
      { name: 'ArchivingEnabled', payload: {} },
      // Who asks again knows by then what the answer told.
      { name: 'HistorySyncRequested', payload: { since: now - 7, until: now } },
    ] as const
    const schedule = events.reduce<Schedule>(
      (before, event, index) => evolveSchedule(before, { ...event, sequence: index + 1 } as unknown as ScheduleEvent),
      initialSchedule,
    )
    expect(schedule.run).toEqual({ startedAt: now, synced: true })
  })

  it('seals what is there when somebody wants that, and the next interval begins there', () => {
    const world = archivingWorld(170)
    world.settle()
    world.tick(30)
    expect(world.settle()).toBe(world.now + 70)
    world.wish()
    world.settle()
    expect(world.dueRanges().at(-1)).toEqual({ from: world.now - 30, to: world.now })
    expect(world.sealed.at(-1)?.to).toBe(world.now)
    expect(world.schedule()).not.toHaveProperty('requestedEnd')
    expect(world.settle()).toBe(world.now + 100)
  })

  it('asks for history first where a wish comes before there is any message, or where there is a network', () => {
    const empty = new World()
    empty.add()
    empty.on()
    empty.settle()
    empty.tick(10)
    empty.messages.push(empty.now - 5)
    empty.wish()
    empty.settle()
    expect(empty.dueRanges()).toEqual([{ from: empty.now - 5, to: empty.now }])

    const asking = new World({ syncsBeforeRanges: true })
    asking.add()
    asking.on()
    asking.messages.push(asking.now - 30)
    asking.settle()
    asking.tick(10)
    asking.wish()
    asking.runScheduler()
    expect(asking.names().at(-1)).toBe('HistorySyncRequested')
    asking.settle()
    expect(asking.dueRanges()).toEqual([{ from: asking.now - 40, to: asking.now }])
  })

  it('lets a wish wait for the range that is under way, and forgets it when archiving is switched off', () => {
    const world = archivingWorld(170)
    world.settle()
    world.tick(100)
    world.runScheduler()
    world.tick(20)
    world.wish()
    world.runScheduler()
    expect(world.dueRanges().at(-1)?.to).toBe(world.now - 20)
    world.settle()
    expect(world.dueRanges().at(-1)).toEqual({ from: world.now - 20, to: world.now })
    world.tick(10)
    world.wish()
    world.off()
    expect(world.schedule()).not.toHaveProperty('requestedEnd')
    world.wish()
    expect(world.schedule()).not.toHaveProperty('requestedEnd')
  })

  it('an event that was taken in already changes nothing', () => {
    const world = archivingWorld(170)
    world.settle()
    const schedule = world.schedule()
    for (const event of world.log) expect(evolveSchedule(schedule, event as ScheduleEvent)).toBe(schedule)
  })

  it('a decision that was made and perhaps not published stands until the log has it or archiving is off', () => {
    const world = archivingWorld(170)
    const [request] = world.decided()
    if (request === undefined) throw new Error('nothing decided')
    expect(stillStands(initialSchedule, request)).toBe(false)
    expect(stillStands(world.schedule(), request)).toBe(true)
    world.runScheduler()
    expect(stillStands(world.schedule(), request)).toBe(false)
    world.sync(world.requests[0])
    world.publishLate()
    const [due] = world.decided()
    if (due === undefined) throw new Error('nothing decided')
    world.tick(1)
    expect(stillStands(world.schedule(), due)).toBe(true)
    world.off()
    expect(stillStands(world.schedule(), due)).toBe(false)
    world.on()
    world.publish(due)
    expect(stillStands(world.schedule(), due)).toBe(false)
  })
  it('a range up to its tick is the same later, one up to the moment of deciding and a request are not', () => {
    const world = archivingWorld(30)
    const request = world.decided()
    world.settle()
    const same = (decided = world.decided()): boolean[] =>
      decided.map((each) => isSameLater(world.schedule(), each, options))
    expect(same(request)).toEqual([false])
    world.tick(2 * intervalSeconds - 31)
    expect(same()).toEqual([true])
    world.tick(1)
    expect(same()).toEqual([false])
    const startUp = archivingWorld(170)
    startUp.runScheduler()
    startUp.sync(startUp.requests[0])
    startUp.publishLate()
    expect(startUp.decided().map((each) => isSameLater(startUp.schedule(), each, options))).toEqual([false])
  })
})
