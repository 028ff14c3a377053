import * as fc from 'fast-check'
import { schedules } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { advanceAllSchedules } from './advance-all-schedules.ts'
import { advanceDueSchedules } from './advance-due-schedules.ts'
import { advanceSchedule } from './advance-schedule.ts'
import { DecisionNotInLogError } from './decision-not-in-log-error.ts'
import {
  expectAtRest,
  expectSealedOnce,
  failAtEachMoment,
  lifeInStep,
  variedLife,
} from './testing/fail-at-each-moment.ts'
import { Faults } from './testing/faults.ts'
import { MemoryBus } from './testing/memory-bus.ts'
import { MemoryStore } from './testing/memory-store.ts'
import type { SchedulerContext } from './scheduler-context.ts'
import { Town, intervalSeconds } from './testing/town.ts'

const never = new AbortController().signal

describe('advancing a schedule', () => {
  it('goes from an event to a range that is due, and waits for the next one', async () => {
    const town = new Town()
    await town.addArchiving('one', 170_000)
    await town.settle()
    expect(await town.due('one')).toEqual([{ from: town.now - 170_000, to: town.now }])
    expect((await town.row('one'))?.dueAt).toBe(town.now + intervalSeconds)
    town.now += intervalSeconds
    await town.settle()
    expect(town.sealed.get('one')).toHaveLength(2)
    await expectAtRest(town, 'one')
  })

  it('tells communities apart', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.addArchiving('two', 90_000)
    await town.settle()
    town.now += 20_000
    await town.settle()
    expect(await town.due('one')).toEqual([])
    expect(await town.due('two')).toHaveLength(1)
  })

  it('publishes nothing when a moment comes after archiving was switched off', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.settle()
    const { dueAt } = (await town.row('one')) ?? {}
    expect(dueAt).toBe(town.now + 70_000)
    // The switch comes first in the log, the moment first to the scheduler.
    await town.switch('one', 'ArchivingDisabled')
    town.now += 70_000
    await advanceDueSchedules(town.context(), 'owner', never)
    expect(await town.due('one')).toEqual([])
    expect((await town.row('one'))?.dueAt).toBeUndefined()
  })

  it('leaves a row alone that holds an event already', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.settle()
    const rows = town.store.collection(schedules)
    const before = await rows.get('one')
    await town.restart()
    const restarted = await rows.get('one')
    expect(restarted?.value).toEqual(before?.value)
    await town.work()
    expect(await rows.get('one')).toEqual(restarted)
  })

  it('rebuilds a row that was lost from the log', async () => {
    const store = new MemoryStore()
    const town = new Town(new MemoryBus(), store)
    await town.addArchiving('one', 170_000)
    await town.settle()
    const before = await town.row('one')
    store.documents.clear()
    await advanceSchedule(town.context(), 'one')
    expect(await town.row('one')).toEqual(before)
    expect(await town.due('one')).toHaveLength(1)
  })

  it('looks at the schedules anew after a start, when the interval has become shorter', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.settle()
    const context = { ...town.context(), config: { ...town.context().config, intervalSeconds: 20_000 } }
    await advanceDueSchedules(context, 'owner', never)
    expect(await town.due('one')).toEqual([])
    await advanceAllSchedules(context, never)
    expect(await town.due('one')).toEqual([{ from: town.now - 30_000, to: town.now }])
  })

  it('of two that decide at the same time one starts over, and the log has one range', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.settle()
    town.now += 170_000
    const context = town.context()
    const early = { ...context, clock: { ...context.clock, nowSeconds: () => town.now - 1 } }
    await Promise.all([advanceSchedule(context, 'one'), advanceSchedule(early, 'one'), advanceSchedule(context, 'one')])
    expect(await town.due('one')).toHaveLength(1)
    await town.settle()
    await expectAtRest(town, 'one')
  })

  it('says so when the log does not show what was published, and keeps it to be published', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    const lagging: SchedulerContext['bus'] = {
      onReconnect: () => ({ [Symbol.dispose]: () => undefined }),
      publish: async () => ({ sequence: 1_000, duplicate: false }),
      read: (options) => town.bus.read(options),
    }
    const advancing = advanceSchedule({ ...town.context(), bus: lagging }, 'one')
    await expect(advancing).rejects.toBeInstanceOf(DecisionNotInLogError)
    await expect(advancing).rejects.toMatchObject({ communityId: 'one', eventIds: ['HistorySyncRequested/one/1'] })
    expect(await town.row('one')).toMatchObject({ dueAt: 0, decided: [{ name: 'HistorySyncRequested' }] })
  })
})

describe('a pass over the schedules that are due', () => {
  it('is not held up by one that fails, and tries that one again though the clock stands still', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.addArchiving('two', 20_000)
    await town.settle()
    town.now += 85_000
    const context = town.context()
    const bus: SchedulerContext['bus'] = {
      onReconnect: () => ({ [Symbol.dispose]: () => undefined }),
      read: context.bus.read,
      publish: async (event, options) => {
        if (event.communityId === 'one') throw new Error('the bus does not take this one')
        return context.bus.publish(event, options)
      },
    }
    await advanceDueSchedules({ ...context, bus }, 'owner', never)
    expect(await town.due('one')).toEqual([])
    expect(await town.due('two')).toHaveLength(1)
    await advanceDueSchedules(context, 'owner', never)
    expect(await town.due('one')).toHaveLength(1)
  })

  it('takes on what a process left that died, once its claim has run out', async () => {
    const town = new Town()
    await town.addArchiving('one', 30_000)
    await town.settle()
    town.now += 75_000
    await town.store.collection(schedules).claimDue({ owner: 'dead', now: town.now, leaseSeconds: 30 })
    await advanceDueSchedules(town.context(), 'owner', never)
    expect(await town.due('one')).toEqual([])
    town.now += 30
    await advanceDueSchedules(town.context(), 'owner', never)
    expect(await town.due('one')).toHaveLength(1)
  })
})

describe('a fault at any moment', () => {
  it.for(['crash', 'error'] as const)('%s: the log holds what it holds without', async (kind) => {
    const moments = await failAtEachMoment(kind, variedLife, async () => new Town())
    expect(moments).toBeGreaterThan(100)
  })

  it.for(['crash', 'error'] as const)('%s, while several are due at once: the same', async (kind) => {
    const moments = await failAtEachMoment(kind, lifeInStep, async () => new Town())
    expect(moments).toBeGreaterThan(100)
  })

  it.for([[['one']], [['one', 'two', 'three']]])(
    'after another, while time goes on and archiving of %o is switched: nothing sealed twice, nothing left out',
    async ([communities = []]) => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ does: fc.constant('work' as const) }) },
        { weight: 3, arbitrary: fc.record({ does: fc.constant('answer' as const) }) },
        {
          weight: 3,
          arbitrary: fc.record({
            does: fc.constant('tick' as const),
            seconds: fc.integer({ min: -90_000, max: 250_000 }),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({ does: fc.constantFrom('ArchivingEnabled' as const, 'ArchivingDisabled' as const) }),
        },
        {
          weight: 3,
          arbitrary: fc.record({ does: fc.constantFrom('crash' as const, 'error' as const), at: fc.nat({ max: 20 }) }),
        },
        { weight: 1, arbitrary: fc.record({ does: fc.constant('loseRows' as const) }) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const store = new MemoryStore()
          const town = new Town(new MemoryBus(), store)
          for (const communityId of communities) await town.addArchiving(communityId, 30_000)
          let latest = town.now
          for (const each of steps) {
            switch (each.does) {
              case 'work':
              case 'answer':
                await town[each.does]()
                break
              case 'tick':
                town.now += each.seconds
                latest = Math.max(latest, town.now)
                break
              case 'ArchivingEnabled':
              case 'ArchivingDisabled':
                await town.switch(communities.at(-1) ?? '', each.does)
                break
              case 'crash':
              case 'error':
                await town.restart(new Faults(each.at, each.does))
                break
              case 'loseRows':
                store.documents.clear()
                break
              default:
                each satisfies never
            }
            for (const communityId of communities) expectSealedOnce(town, communityId)
          }
          await town.restart()
          for (const communityId of communities) await town.switch(communityId, 'ArchivingEnabled')
          while (town.now < latest + 3 * intervalSeconds) {
            await town.settle()
            town.now += 35_000
          }
          await town.settle()
          for (const communityId of communities) {
            expectSealedOnce(town, communityId)
            const sealed = town.sealed.get(communityId) ?? []
            expect(sealed[0]?.from).toBe(10_000_000 - 30_000)
            expect(sealed.at(-1)?.to).toBeGreaterThan(town.now - intervalSeconds)
            await expectAtRest(town, communityId)
          }
        }),
        { numRuns: 200 },
      )
    },
  )
})
