import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { World, intervalSeconds, options } from '../testing/world.ts'
import type { CommunityCommand } from '../community/decide-community.ts'
import { decideSchedule, isSameLater } from './decide-schedule.ts'
import { evolveSchedule } from './evolve-schedule.ts'
import type { ScheduleEvent } from './schedule.ts'
import { initialSchedule } from './schedule.ts'

type Action =
  | { readonly does: 'command'; readonly command: CommunityCommand }
  | { readonly does: 'tick'; readonly seconds: number }
  | { readonly does: 'message'; readonly ageSeconds: number }
  | { readonly does: 'schedule' | 'decideAndStall' | 'wish' }
  | { readonly does: 'sync' | 'seal'; readonly at: number; readonly handled: boolean }
  | { readonly does: 'publishLate' | 'forgetId'; readonly at: number }

const chats = [{ channelId: 'general', name: '' }]
const at = fc.nat({ max: 9 })
const commands: CommunityCommand[] = [
  { type: 'AddCommunity', controlNode: true, name: 'c', chats },
  { type: 'EnableArchiving' },
  { type: 'EnableArchiving' },
  { type: 'DisableArchiving' },
  { type: 'LeaveCommunity' },
  { type: 'ChangeChats', chats: [] },
  { type: 'ChangeChats', chats },
]
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('command' as const), command: fc.constantFrom(...commands) }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('tick' as const), seconds: fc.integer({ min: 0, max: 130 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('tick' as const), seconds: fc.integer({ min: -600, max: 600 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('message' as const), ageSeconds: fc.integer({ min: -300, max: 900 }) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('schedule' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('decideAndStall' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wish' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('sync' as const), at, handled: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('seal' as const), at, handled: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('publishLate' as const), at }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('forgetId' as const), at: fc.nat({ max: 99 }) }) },
)

function perform(world: World, action: Action): void {
  switch (action.does) {
    case 'command':
      return world.command(action.command)
    case 'tick':
      return world.tick(action.seconds)
    case 'message':
      world.messages.push(Math.max(0, world.now - action.ageSeconds))
      return
    case 'schedule':
      world.runScheduler()
      return
    case 'wish':
      world.wish()
      return
    case 'decideAndStall':
      // Somebody decides and is held up before it publishes; meanwhile others go on.
      world.late.push(...world.decided())
      return
    case 'sync':
      return world.sync(world.requests[action.at % (world.requests.length || 1)], action.handled)
    case 'seal':
      return world.seal(world.due[action.at % (world.due.length || 1)], action.handled)
    case 'publishLate':
      return world.publishLate(action.at % (world.late.length || 1))
    case 'forgetId': {
      // The log takes an old event in a second time.
      const old = world.log[action.at % (world.log.length || 1)]
      if (old !== undefined && !old.name.startsWith('Community')) world.append(old)
      return
    }
    default:
      action satisfies never
  }
}

function checkNeverSealedTwice(world: World): void {
  for (const { from, to } of world.dueRanges()) expect(from).toBeLessThan(to)
  for (const [at, range] of world.sealed.entries()) {
    expect(range.from).toBeLessThan(range.to)
    expect(range.from).toBe(world.sealed[at - 1]?.to ?? range.from)
  }
}

/** The oldest message that the schedule had been told of when it first declared a range due. */
function firstMessage(world: World): number {
  let oldest = Infinity
  for (const event of world.log) {
    if (event.name === 'CommunityLeft') oldest = Infinity
    if (event.name === 'ArchiveDue') return oldest
    if (event.name === 'HistorySynced' && (event.payload.oldestMessage ?? Infinity) <= event.payload.until)
      oldest = Math.min(oldest, event.payload.oldestMessage ?? Infinity)
  }
  return oldest
}

it('whatever happens, nothing is sealed twice, and once the world calms down nothing is left out', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), fc.boolean(), (actions, syncsBeforeRanges) => {
      const world = new World({ syncsBeforeRanges })
      world.add()
      world.on()
      for (const each of actions) {
        perform(world, each)
        checkNeverSealedTwice(world)
      }
      world.command({ type: 'AddCommunity', controlNode: true, name: 'c', chats })
      world.command({ type: 'ChangeChats', chats })
      world.on()
      world.messages.push(world.now)
      const calm = world.latest + 6 * intervalSeconds
      while (world.now < calm) {
        world.settle()
        world.tick(35)
      }
      world.settle()
      checkNeverSealedTwice(world)
      const last = world.sealed.at(-1)
      expect(last?.to).toBe(world.schedule().lastArchivedEnd)
      expect(last?.to).toBeGreaterThan(world.now - intervalSeconds)
      expect(last?.to).toBeLessThanOrEqual(world.now)
      expect(world.sealed[0]?.from).toBeLessThanOrEqual(firstMessage(world))
    }),
    { numRuns: 2_000 },
  )
})

it('where there is a network, a range is declared due behind a sync that reaches its tick, or was asked to', () => {
  const found = { answered: 0, asked: 0 }
  const step = fc.record({ action, afterwards: fc.constantFrom('nothing', 'schedule', 'schedule', 'settle') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World({ syncsBeforeRanges: true })
      world.add()
      world.on()
      world.messages.push(world.now - 30)
      for (const { action: each, afterwards } of steps) {
        perform(world, each)
        if (afterwards === 'schedule') world.runScheduler()
        if (afterwards === 'settle') world.settle()
      }
      for (const [at, due] of world.log.entries()) {
        if (due.name !== 'ArchiveDue') continue
        const { from, to } = due.payload
        const tick = Math.min(from + intervalSeconds, to)
        const reaching = world.log
          .slice(0, at)
          .filter(({ name, payload }) => name.startsWith('HistorySync') && 'until' in payload && payload.until >= tick)
        expect(reaching).not.toEqual([])
        if (reaching.some(({ name }) => name === 'HistorySynced')) found.answered += 1
        else found.asked += 1
      }
    }),
    { numRuns: 2_000 },
  )
  expect(found.answered).toBeGreaterThan(100)
  expect(found.asked).toBeGreaterThan(0)
})

it('a state kept over restarts is the state rebuilt from the log', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.array(fc.nat({ max: 200 })), (actions, redelivered) => {
      const world = new World()
      world.add()
      world.on()
      for (const each of actions) perform(world, each)
      const log = world.log as ScheduleEvent[]
      let kept = initialSchedule
      for (const [at, event] of log.entries()) {
        kept = evolveSchedule(kept, event)
        const again = log[(redelivered[at % (redelivered.length || 1)] ?? 0) % (at + 1)]
        if (again !== undefined) kept = evolveSchedule(kept, again)
      }
      expect(kept).toEqual(world.schedule())
    }),
    { numRuns: 500 },
  )
})

it('a range that is the same later is declared due in the same way by whoever decides within an interval', () => {
  let found = 0
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (actions, part, syncsBeforeRanges) => {
        const world = new World({ syncsBeforeRanges })
        world.add()
        world.on()
        world.messages.push(world.now - 30)
        world.settle()
        for (const each of actions) {
          perform(world, each)
          const schedule = world.schedule()
          for (const due of world.decided()) {
            if (due.name !== 'ArchiveDue' || !isSameLater(schedule, due, options)) continue
            found += 1
            const latest = due.payload.to + intervalSeconds - 1
            const later = world.now + Math.floor(part * (latest - world.now))
            expect(decideSchedule(schedule, later, world.options).events).toContainEqual(due)
          }
        }
      },
    ),
    { numRuns: 500 },
  )
  expect(found).toBeGreaterThan(100)
})

it('what was switched off, left or is not controlled here decides nothing and wants no wake-up', () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 60 }),
      fc.constantFrom<CommunityCommand>({ type: 'DisableArchiving' }, { type: 'LeaveCommunity' }),
      fc.integer({ min: 0, max: 1_000 }),
      (actions, end, seconds) => {
        const world = new World()
        world.add()
        world.on()
        for (const each of actions) perform(world, each)
        world.command(end)
        world.tick(seconds)
        expect(world.decided()).toEqual([])
        expect(world.runScheduler()).toBeUndefined()
      },
    ),
    { numRuns: 500 },
  )
})
