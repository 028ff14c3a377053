import type { EventBus, StoredEvent } from '@annals/events'
import { LostEventError } from '@annals/events'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Projected } from './project-community.ts'
import { projectCommunity } from './project-community.ts'

const communityId = '0x02'

function event(sequence: number, id: string): StoredEvent<'Unseeded'> {
  const payload = { infoHash: '', reason: id }
  return { sequence, id, name: 'Unseeded', communityId, payload, timeMilliseconds: 0, source: '' }
}

function busOver(log: readonly StoredEvent[]): Pick<EventBus, 'read'> {
  return {
    async *read({ after = 0, afterId } = {}) {
      if (afterId !== undefined && !log.some(({ sequence, id }) => sequence === after && id === afterId))
        throw new LostEventError(after, afterId)
      yield* log.filter(({ sequence }) => sequence > after)
    },
  }
}

function evolve(ids: string[], { id }: StoredEvent): string[] {
  return [...ids, id]
}

/** The ids that a projection took in, in order. */
function project(log: readonly StoredEvent[], before: Projected<string[]>): Promise<Projected<string[]>> {
  return projectCommunity(busOver(log), { communityId, names: ['Unseeded'], initial: [], evolve }, before)
}

const nothing: Projected<string[]> = { state: [], last: undefined }

describe('projectCommunity', () => {
  it('takes in each event once, however the log grows in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 8 }), async (growth) => {
        const log: StoredEvent[] = []
        let projected = nothing
        for (const more of growth) {
          for (let i = 0; i < more; i += 1) log.push(event(log.length * 2 + 1, `event ${log.length}`))
          projected = await project(log, projected)
          expect(projected.state).toEqual(log.map(({ id }) => id))
        }
      }),
    )
  })

  it('begins anew where the log has lost its end and gave the positions to other events', async () => {
    const before = await project([event(1, 'a'), event(2, 'lost'), event(3, 'lost too')], nothing)
    expect(before.isAnew).toBeUndefined()
    expect(await project([event(1, 'a')], before)).toMatchObject({ state: ['a'], isAnew: true })
    const other = [event(1, 'a'), event(2, 'b'), event(3, 'c'), event(4, 'd')]
    expect((await project(other, before)).state).toEqual(['a', 'b', 'c', 'd'])
    expect((await project([], before)).state).toEqual([])
  })
})
