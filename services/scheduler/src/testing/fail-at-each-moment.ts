import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import { evolveSchedule, initialSchedule } from '@annals/community'
import { expect } from 'vitest'
import { Faults } from './faults.ts'
import type { Town } from './town.ts'

/** The row is what the log says, and nothing waits to be published. */
export async function expectAtRest(town: Town, communityId: string): Promise<void> {
  const row = await town.row(communityId)
  const events = (await town.read()).filter((event) => event.communityId === communityId)
  expect(row?.decided).toEqual([])
  expect(row?.schedule).toEqual((events as StoredEvent<ScheduleEventName>[]).reduce(evolveSchedule, initialSchedule))
}

export function expectSealedOnce(town: Town, communityId: string): void {
  const sealed = town.sealed.get(communityId) ?? []
  for (const [at, { from, to }] of sealed.entries()) {
    expect(from).toBeLessThan(to)
    expect(from).toBe(sealed[at - 1]?.to ?? from)
  }
}

/** A while in the life of some communities. Deterministic but for the faults. */
export interface Life {
  /** How many ranges each community is declared due in it. */
  readonly due: Readonly<Record<string, number>>
  readonly live: (town: Town) => Promise<void>
}

/** All three cases, a switch, an outage. */
export const variedLife: Life = {
  due: { one: 3, two: 2 },
  live: async (town) => {
    await town.addArchiving('one', 170_000)
    await town.addArchiving('two')
    await town.settle()
    town.now += 60_000
    town.messages.set('two', [town.now])
    await town.settle()
    town.now += 45_000
    await town.settle()
    await town.switch('one', 'ArchivingDisabled')
    town.now += 30_000
    await town.settle()
    await town.switch('one', 'ArchivingEnabled')
    await town.settle()
    town.now += 320_000
    await town.settle()
    town.now += 3_600
    await town.settle()
  },
}

/** Communities that are due at the same moments, while one of them changes its mind. */
export const lifeInStep: Life = {
  due: { one: 2, two: 2, three: 1 },
  live: async (town) => {
    for (const communityId of ['one', 'two', 'three']) await town.addArchiving(communityId, 30_000)
    await town.settle()
    town.now += 75_000
    await town.settle()
    town.now += 100_000
    await town.switch('three', 'ArchivingDisabled')
    await town.settle()
  },
}

/** A claim whose answer was lost holds a schedule up for its lease, half a minute. */
function toTheMinute(ranges: readonly { from: number; to: number }[] = []): number[] {
  return ranges.flatMap(({ from, to }) => [from, to]).map((moment) => Math.floor(moment / 60))
}

interface Outcome {
  readonly due: readonly number[]
  readonly sealed: readonly number[]
}

async function outcome(town: Town, communityId: string): Promise<Outcome> {
  return { due: toTheMinute(await town.due(communityId)), sealed: toTheMinute(town.sealed.get(communityId)) }
}

/**
 * Lives with a fault at the first moment, then anew with one `step` moments later, until a life has no such moment.
 * One town at a time: the one before may be closed when the next one is opened.
 * @returns the moment that no life has
 */
export async function failAtEachMoment(
  kind: 'crash' | 'error',
  { due, live }: Life,
  open: () => Promise<Town>,
  step = 1,
): Promise<number> {
  const communities = Object.keys(due)
  const outcomes = (town: Town): Promise<Outcome[]> => Promise.all(communities.map((each) => outcome(town, each)))
  const unharmed = await open()
  await live(unharmed)
  for (const communityId of communities) expect(await unharmed.due(communityId)).toHaveLength(due[communityId] ?? 0)
  const expected = await outcomes(unharmed)
  for (let moment = 0; ; moment += step) {
    const town = await open()
    const faults = new Faults(moment, kind)
    town.faults = faults
    await live(town)
    expect(await outcomes(town)).toEqual(expected)
    for (const communityId of communities) {
      expectSealedOnce(town, communityId)
      await expectAtRest(town, communityId)
    }
    if (!faults.struck) return moment
  }
}
