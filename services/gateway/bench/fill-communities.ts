import { initialSchedule } from '@annals/community'
import type { CollectionDefinition } from '@annals/storage'
import {
  announcementProbes,
  communities,
  dispatches,
  downloads,
  instances,
  schedules,
  seedings,
  servings,
} from '@annals/storage'
import type { TestGateway } from '../src/testing/index.ts'

const rowsAtOnce = 1_000
const infoHash = 'ab'.repeat(20)
const magnetLink = `magnet:?xt=urn:btih:${infoHash}`
const seeders = ['seeder-0', 'seeder-1']

/** The collections that have rows of every community, and are read to say how all of them are. */
export const rowsOfCommunities = [
  communities,
  schedules,
  dispatches,
  announcementProbes,
  downloads,
  seedings,
  servings,
].map(({ name }) => name)

/** Writes what the services know of so many communities, all of them sealed, announced and seeded, by two seeders. */
export async function fillCommunities({ context }: TestGateway, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, at) => `0x02${at.toString(16).padStart(64, '0')}`)
  const now = context.clock.nowSeconds()
  const schedule = { ...initialSchedule, controlNode: true, joined: true, archivingOn: true, hasChats: true }
  const fill = async <T>(
    definition: CollectionDefinition<T>,
    valueOf: (communityId: string, at: number) => T,
    suffix = '',
  ): Promise<void> => {
    const writes = ids.map((id, at) => ({ id: `${id}${suffix}`, value: valueOf(id, at), expectedVersion: 0 }))
    for (let from = 0; from < count; from += rowsAtOnce)
      await context.state.collection(definition).putMany(writes.slice(from, from + rowsAtOnce))
  }
  await fill(communities, (communityId, at) => ({
    communityId,
    name: `Community ${at}`,
    controlNode: true,
    joined: true,
    archivingOn: true,
    chats: [{ channelId: 'general', name: 'general' }],
    public: false,
    lastSequence: at,
  }))
  await fill(schedules, (_, at) => ({
    schedule: { ...schedule, lastArchivedEnd: now - at * 1_000 },
    decided: [],
    dueAt: now + 1e6,
  }))
  await fill(dispatches, () => ({ clockMilliseconds: 1, infoHash, magnetLink, message: 'ab'.repeat(300) }))
  await fill(seedings, () => ({ current: { infoHash, generation: 1 }, starts: 1 }))
  await fill(announcementProbes, () => ({ infoHash, publishedAfter: 0, foundAt: 1, repetitions: 0 }))
  await fill(downloads, () => ({ tries: 0 }))
  if (!context.shared) return
  for (const instance of seeders) {
    const torrents = { host: '127.0.0.1', port: 1 }
    const row = { service: 'seeder', instance, machine: 'bench', startedAtMilliseconds: 0, torrents }
    await context.state.collection(instances).put(`seeder/${instance}`, row, 0)
    await fill(servings, () => ({ infoHash }), `/${instance}`)
  }
}
