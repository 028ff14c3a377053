// How long it takes to look up how 10,000 communities are, and to ask for it over HTTP, over the embedded stores or, with
// NATS_URL and MONGODB_URI, over these: node services/gateway/bench/health-of-many.ts [communities]
import { initialSchedule } from '@annals/community'
import { announcementProbes, communities, dispatches, downloads, schedules, seedings } from '@annals/storage'
import type { CollectionDefinition } from '@annals/storage'
import { collectHealth } from '../src/health/collect-health.ts'
import { askHttp, operatorOf } from '../src/testing/http-client.ts'
import type { TestGateway } from '../src/testing/index.ts'
import { startTestGateway } from '../src/testing/index.ts'

const rowsAtOnce = 1_000

const count = Number(process.argv[2] ?? 10_000)
const ids = Array.from({ length: count }, (_, at) => `0x02${at.toString(16).padStart(64, '0')}`)
const infoHash = 'ab'.repeat(20)
const magnetLink = `magnet:?xt=urn:btih:${infoHash}`

async function fill<T>(
  { context }: TestGateway,
  definition: CollectionDefinition<T>,
  valueOf: (communityId: string, at: number) => T,
): Promise<void> {
  for (let from = 0; from < count; from += rowsAtOnce)
    await context.state
      .collection(definition)
      .putMany(
        ids.slice(from, from + rowsAtOnce).map((id, at) => ({ id, value: valueOf(id, from + at), expectedVersion: 0 })),
      )
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const before = performance.now()
  await work()
  console.log(`${what}: ${((performance.now() - before) / 1000).toFixed(2)} s`)
}

const { NATS_URL, MONGODB_URI } = process.env
const servers: Readonly<Record<string, string>> =
  NATS_URL === undefined || MONGODB_URI === undefined
    ? {}
    : { NATS_URL, MONGODB_URI, ANNALS_TOKEN: 'a token of a benchmark', ANNALS_HTTP: '127.0.0.1:0' }
await using gateway = await startTestGateway({ env: servers })
const now = gateway.context.clock.nowSeconds()
const schedule = { ...initialSchedule, controlNode: true, joined: true, archivingOn: true, hasChats: true }
await measure(`writing ${count} communities`, async () => {
  await fill(gateway, communities, (communityId, at) => ({
    communityId,
    name: `Community ${at}`,
    controlNode: true,
    joined: true,
    archivingOn: true,
    chats: [{ channelId: 'general', name: 'general' }],
    public: false,
    lastSequence: at,
  }))
  await fill(gateway, schedules, (_, at) => ({
    schedule: { ...schedule, lastArchivedEnd: now - at * 1_000 },
    decided: [],
    dueAt: now + 1e6,
  }))
  await fill(gateway, dispatches, () => ({ clockMilliseconds: 1, infoHash, magnetLink, message: 'ab'.repeat(300) }))
  await fill(gateway, seedings, () => ({ current: { infoHash, generation: 1 }, starts: 1 }))
  await fill(gateway, announcementProbes, () => ({ infoHash, publishedAfter: 0, foundAt: 1, repetitions: 0 }))
  await fill(gateway, downloads, () => ({ tries: 0 }))
})
await measure('looking up how they are', () => collectHealth(gateway.context))
const token = await operatorOf(gateway)
const page = async (query: string): Promise<void> => {
  const { status, text } = await askHttp(gateway, `/api/v1/communities${query}`, {
    token,
    headers: { 'accept-encoding': 'identity' },
  })
  if (status !== 200) throw new Error(text)
}
await measure('the first page of 100', () => page(''))
await measure('the next page', () => page('?offset=100'))
await measure('a search', () => page('?search=community%2099'))
await measure('all of them in pages of 1,000', async () => {
  for (let offset = 0; offset < count; offset += 1_000) await page(`?limit=1000&offset=${offset}`)
})
