import type { EventBus, EventName, EventPayload, StoredEvent } from '@annals/events'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventAt } from '../testing/event-log.ts'
import { rebuildLog } from './rebuild-log.ts'
import type { RebuiltCommunity } from './rebuilt-community.ts'
import { evolveRebuilt, initialRebuilt, weightOf } from './rebuilt-community.ts'

interface Happening {
  readonly name: EventName
  readonly payload: object
  readonly idParts: (string | number)[]
}

const small = fc.integer({ min: 0, max: 5 })
const hash = fc.constantFrom('aa', 'bb', 'cc')
const summary = fc.record({ archiveId: fc.constantFrom('0x1', '0x2', '0x3'), from: small, to: small })

/** Anything that a log may hold, in any order. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ name: fc.constant('CommunityAdded' as const), payload: fc.record({ controlNode: fc.boolean() }) }),
  fc.record({
    name: fc.constantFrom('ArchivingEnabled', 'ArchivingDisabled', 'CommunityLeft'),
    payload: fc.record({}),
  }),
  fc.record({
    name: fc.constantFrom('HistorySyncRequested', 'HistorySynced'),
    payload: fc.record({ since: small, until: small }),
  }),
  fc.record({
    name: fc.constantFrom('ArchiveDue', 'NoArchiveCreated'),
    payload: fc.record({ from: small, to: small }),
  }),
  fc.record({
    name: fc.constantFrom('ArchiveCreated', 'ArchivesDownloaded'),
    payload: fc.record({
      to: small,
      generation: small,
      infoHash: hash,
      archives: fc.array(summary),
      archiveCount: small,
    }),
  }),
  fc.record({
    name: fc.constantFrom('ArchiveDownloaded', 'SeedingStarted', 'Unseeded'),
    payload: fc.record({ infoHash: hash, archive: summary, generation: small }),
    idParts: fc.tuple(hash, small),
  }),
  fc.record({
    name: fc.constantFrom('MagnetLinkDispatched', 'MagnetLinkReceived', 'DownloadStarted', 'DownloadFinished'),
    payload: fc.record({ infoHash: hash, magnetLink: hash, clockMilliseconds: small }),
    idParts: fc.tuple(small, hash),
  }),
) as fc.Arbitrary<Happening>

const communityIds = ['0xa', '0xb', '0xc', '0xd']

const logs = fc
  .array(fc.tuple(fc.constantFrom(...communityIds), happening, fc.integer({ min: 1, max: 3 })), { maxLength: 60 })
  .map((all) => {
    let sequence = 0
    return all.map(([communityId, { name, payload, idParts }, step]) => {
      sequence += step
      return eventAt(sequence, communityId, name, payload as EventPayload<EventName>, ...(idParts ?? []))
    })
  })

function rebuild(
  events: readonly StoredEvent[],
  communityId: string,
  from = initialRebuilt(communityId),
): RebuiltCommunity {
  return events
    .filter((event) => event.communityId === communityId)
    .reduce((rebuilt, event) => evolveRebuilt(rebuilt, event), from)
}

/** A bus of which only the reading is there. */
function busOf(events: readonly StoredEvent[]): EventBus {
  return {
    async *read({ after = 0 }: { after?: number } = {}) {
      yield* events.filter(({ sequence }) => sequence > after)
    },
  } as unknown as EventBus
}

describe('a community rebuilt from the log', () => {
  it('is the same whether it goes on from any prefix or starts at the beginning', () => {
    fc.assert(
      fc.property(logs, fc.nat(60), (events, cut) => {
        for (const communityId of communityIds) {
          const prefix = rebuild(events.slice(0, cut), communityId)
          const kept = structuredClone(prefix)
          expect(rebuild(events.slice(cut), communityId, prefix)).toEqual(rebuild(events, communityId))
          expect(prefix).toEqual(kept)
        }
      }),
    )
  })

  it('is held back for those rows alone that say how far they are', () => {
    fc.assert(
      fc.property(logs, fc.nat(100), fc.nat(100), (events, community, schedule) => {
        for (const communityId of communityIds) {
          const own = events.filter((event) => event.communityId === communityId)
          const held = own.reduce(
            (rebuilt, event) => evolveRebuilt(rebuilt, event, { community, schedule }),
            initialRebuilt(communityId),
          )
          const upTo = (last: number): RebuiltCommunity =>
            rebuild(
              events.filter(({ sequence }) => sequence <= last),
              communityId,
            )
          expect(held).toEqual({
            ...rebuild(events, communityId),
            community: upTo(community).community,
            schedule: upTo(schedule).schedule,
            lastEventIds: {
              ...upTo(schedule).lastEventIds,
              community: upTo(community).lastEventIds.community,
            },
          })
        }
      }),
    )
  })
})

describe('rebuildLog', () => {
  it('rebuilds every community once, in slices that take no more memory than they may', async () => {
    const { signal } = new AbortController()
    await fc.assert(
      fc.asyncProperty(logs, fc.integer({ min: 1, max: 200 }), async (events, maxWeight) => {
        const rebuilt = new Map<string, RebuiltCommunity>()
        for await (const { from, until, communities } of rebuildLog(busOf(events), { signal, maxWeight })) {
          const weight = [...communities.values()].reduce((sum, each) => sum + weightOf(each), 0)
          expect(communities.size === 1 || weight <= maxWeight).toBe(true)
          for (const [communityId, each] of communities) {
            expect(communityId >= from && (until === undefined || communityId < until)).toBe(true)
            expect(rebuilt.has(communityId)).toBe(false)
            rebuilt.set(communityId, each)
          }
        }
        const known = communityIds.filter((id) => events.some(({ communityId }) => communityId === id))
        expect([...rebuilt.keys()].sort()).toEqual(known)
        for (const id of known) expect(rebuilt.get(id)).toEqual(rebuild(events, id))
      }),
    )
  })
})
