import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import { isDeepStrictEqual } from 'node:util'
import { schedules } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { leaseSeconds } from './advance-batch.ts'
import { advanceDueSchedules } from './advance-due-schedules.ts'
import type { SchedulerContext } from './scheduler-context.ts'
import { takeEventIn } from './take-event-in.ts'
import { expectAtRest } from './testing/fail-at-each-moment.ts'
import { Town } from './testing/town.ts'

const never = new AbortController().signal
const names = Array.from({ length: 20 }, (_, index) => `community ${index}`)

/** A town whose communities wait for the end of their first interval, and then it is over. */
async function townWithDue(): Promise<Town> {
  const town = new Town()
  for (const name of names) await town.addArchiving(name, 30_000)
  await town.settle()
  // As a process begins that was started then.
  await town.restart()
  town.now += 75_000
  return town
}

/** How often each was declared due. All of them are at rest. */
async function dueAtRest(town: Town): Promise<number[]> {
  const counts: number[] = []
  for (const name of names) {
    await expectAtRest(town, name)
    counts.push((await town.due(name)).length)
  }
  return counts
}

/** The last event of a community. */
async function published(town: Town, community: string): Promise<StoredEvent<ScheduleEventName>> {
  const event = (await town.read()).findLast(({ communityId }) => communityId === community)
  if (event === undefined) throw new Error('nothing was published')
  return event as StoredEvent<ScheduleEventName>
}

describe('a pass over many schedules that are due', () => {
  it('takes in what the log has that the rows have not', async () => {
    const town = await townWithDue()
    await town.switch('community 3', 'ArchivingDisabled')
    await advanceDueSchedules(town.context(), 'owner', never)
    expect(await town.due('community 3')).toEqual([])
    await expectAtRest(town, 'community 3')

    const other = new Town(town.bus, town.store)
    other.now = town.now + 100_000
    await town.answer()
    await advanceDueSchedules(other.context(), 'other', never)
    expect(await other.due('community 3')).toEqual([])
    expect(await other.due('community 4')).toHaveLength(2)
  })

  it('is shared by several schedulers: each range is declared due once, and all come to rest', async () => {
    const town = await townWithDue()
    const other = new Town(town.bus, town.store)
    other.now = town.now
    await Promise.all([
      advanceDueSchedules(town.context(), 'owner', never),
      advanceDueSchedules(other.context(), 'other', never),
    ])
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
  })

  it('leaves what it decided to others only when the lease has run out', async () => {
    const town = await townWithDue()
    const context = town.context()
    const reached = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const bus: SchedulerContext['bus'] = {
      ...context.bus,
      publish: async (...args) => {
        reached.resolve()
        await goOn.promise
        return context.bus.publish(...args)
      },
    }
    const publishing = advanceDueSchedules({ ...context, bus }, 'owner', never)
    await reached.promise
    const other = new Town(town.bus, town.store)
    other.now = town.now
    await advanceDueSchedules(other.context(), 'other', never)
    expect(await town.due('community 0')).toEqual([])
    other.now += leaseSeconds
    await advanceDueSchedules(other.context(), 'other', never)
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
    goOn.resolve()
    await publishing
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
  })

  it('begins anew by itself one whose row somebody wrote meanwhile, and hands on one that fails', async () => {
    const town = await townWithDue()
    const context = town.context()
    const rows = town.store.collection(schedules)
    let interfered = false
    const bus: SchedulerContext['bus'] = {
      ...context.bus,
      publish: async (...args) => {
        if (args[0].communityId === 'community 2') throw new Error('the bus does not take this one')
        if (!interfered) {
          interfered = true
          const row = await rows.get('community 1')
          if (row !== undefined) await rows.put(row.id, { ...row.value, dueAt: 0 }, row.version)
        }
        return context.bus.publish(...args)
      },
    }
    await advanceDueSchedules({ ...context, bus }, 'owner', never)
    for (const name of names) expect(await town.due(name)).toHaveLength(name === 'community 2' ? 0 : 1)
    await expectAtRest(town, 'community 1')
    expect((await town.row('community 2'))?.dueAt).toBeLessThanOrEqual(town.now)
    await advanceDueSchedules(context, 'owner', never)
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
  })

  it('writes the row once for a range that anybody would declare due in the same way later', async () => {
    const town = await townWithDue()
    const rows = town.store.collection(schedules)
    const before = await rows.get('community 7')
    await advanceDueSchedules(town.context(), 'owner', never)
    // A claim and a write.
    expect((await rows.get('community 7'))?.version).toBe((before?.version ?? NaN) + 2)
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
  })

  it('writes down first what is bound to the moment at which it is decided', async () => {
    const town = await townWithDue()
    // More than an interval late: the range is to reach up to now.
    town.now += 100_000
    const context = town.context()
    const decidedBefore = new Set<string>()
    const bus: SchedulerContext['bus'] = {
      ...context.bus,
      publish: async (...args) => {
        const { communityId, payload } = args[0]
        const row = await town.row(communityId)
        if (row?.decided.some((each) => isDeepStrictEqual(each.payload, payload)) === true)
          decidedBefore.add(communityId)
        return context.bus.publish(...args)
      },
    }
    await advanceDueSchedules({ ...context, bus }, 'owner', never)
    expect([...decidedBefore].toSorted()).toEqual(names.toSorted())
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
    expect(await town.due('community 7')).toMatchObject([{ to: town.now }])
  })

  it('gives everything back when the log is away', async () => {
    const town = await townWithDue()
    const context = town.context()
    const bus: SchedulerContext['bus'] = {
      ...context.bus,
      read: () => {
        throw new Error('the log is away')
      },
    }
    await advanceDueSchedules({ ...context, bus }, 'owner', never)
    expect(await town.due('community 0')).toEqual([])
    await advanceDueSchedules(context, 'owner', never)
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
  })
})

describe('an event that is handed out', () => {
  it.for([
    { how: 'it stands in the row as decided', late: 100_000 },
    { how: 'whoever finds the row due decides it anew', late: 0 },
  ])('is left alone while the row is due: $how', async ({ late }) => {
    const town = await townWithDue()
    town.now += late
    const context = town.context()
    const lost: SchedulerContext['bus'] = {
      ...context.bus,
      publish: async (...args) => {
        await context.bus.publish(...args)
        throw new Error('the answer was lost')
      },
    }
    await advanceDueSchedules({ ...context, bus: lost }, 'owner', never)
    const event = await published(town, 'community 5')
    const before = await town.row('community 5')
    await takeEventIn(context, event)
    expect(before?.dueAt).toBeLessThanOrEqual(town.now)
    expect(before?.decided).toHaveLength(late > 0 ? 1 : 0)
    expect(await town.row('community 5')).toEqual(before)
    await advanceDueSchedules(context, 'owner', never)
    expect(await dueAtRest(town)).toEqual(names.map(() => 1))
  })

  it('is taken in where the row is not due, since the clock was set back', async () => {
    const town = await townWithDue()
    const context = town.context()
    const lost: SchedulerContext['bus'] = {
      ...context.bus,
      publish: async (...args) => {
        await context.bus.publish(...args)
        throw new Error('the answer was lost')
      },
    }
    await advanceDueSchedules({ ...context, bus: lost }, 'owner', never)
    town.now -= 75_000
    const event = await published(town, 'community 5')
    await takeEventIn(context, event)
    expect(await town.row('community 5')).toMatchObject({ lastEventId: event.id, decided: [] })
  })

  it('is taken in where its row is lost, also if it is an old one', async () => {
    const town = await townWithDue()
    await advanceDueSchedules(town.context(), 'owner', never)
    const row = await town.store.collection(schedules).get('community 5')
    await town.store.collection(schedules).delete('community 5', row?.version ?? 0)
    const [first] = (await town.read()).filter(({ communityId }) => communityId === 'community 5')
    await takeEventIn(town.context(), first as StoredEvent<ScheduleEventName>)
    expect(await town.row('community 5')).toEqual(row?.value)
  })
})
