import type { ServiceContext } from '@annals/service'
import type { Installation, TestNode } from '@annals/service/testing'
import type { Catalogue } from '@annals/storage'
import { allServices } from '@annals/annals'
import { channelStream } from '@annals/channels/nats'
import { busStreams } from '@annals/events/nats'
import { testMongoUri, testNatsUrl } from '@annals/local-servers/testing'
import { callJetStream, connectNats } from '@annals/nats'
import { compareWithLog } from '@annals/service'
import { addControlled, eventsOf, messageOf, openInstallation, waitForEvent } from '@annals/service/testing'
import { catalogues, readBlob } from '@annals/storage'
import { connectMongo } from '@annals/storage/mongo'
import { describe, expect, it, vi } from 'vitest'
import type { DatabaseDump } from './support/database-dump.ts'
import { dumpDatabase, restoreDatabase } from './support/database-dump.ts'
import type { StreamBackup } from './support/stream-backup.ts'
import { backUpStream, restoreStream } from './support/stream-backup.ts'

const week = 604_800
const beginning = 1_700_000_000

const names = (namespace: string): string[] =>
  [...busStreams(namespace, 1), channelStream(namespace, 1)].map(({ name }) => name)

/** A process with every service, at a moment of its clock. */
async function open(
  installation: Installation,
  now: number,
  before: (context: ServiceContext) => Promise<void> = async () => undefined,
): Promise<TestNode> {
  const node = await installation.open('all')
  node.context.clock.now = now
  await before(node.context)
  for (const service of allServices) if (service.name !== 'gateway') await node.start(service)
  return node
}

/** A week goes by, with a message in it, and is sealed and announced. */
async function liveAWeek({ context }: TestNode, communityId: string): Promise<void> {
  const end = context.clock.now + week
  await context.messages.ingest(communityId, [messageOf(communityId, end - week / 2)], 'pending')
  context.clock.now = end
  await vi.waitFor(
    async () => {
      const { archives, torrent } = await catalogueOf(context, communityId)
      expect(archives.at(-1)?.to).toBe(end)
      const dispatched = await eventsOf(context, communityId, 'MagnetLinkDispatched')
      expect(dispatched.at(-1)?.payload.infoHash).toBe(torrent?.infoHash)
    },
    { timeout: 120_000, interval: 250 },
  )
}

async function catalogueOf({ state }: ServiceContext, communityId: string): Promise<Catalogue> {
  const row = await state.collection(catalogues).get(communityId)
  if (row === undefined) throw new Error('there is no catalogue')
  return row.value
}

/** What differs between state and log, by collection, once nothing is under way. */
async function differing({ context }: TestNode): Promise<string[]> {
  const found = new Set<string>()
  const { signal } = new AbortController()
  await compareWithLog(context, { signal, onDifference: ({ collection }) => void found.add(collection) })
  return [...found]
}

interface Backup {
  readonly streams: readonly StreamBackup[]
  readonly database: DatabaseDump
}

/** As docs/operate.md has it: the log first. */
async function backUp(namespace: string, between: () => Promise<void>): Promise<Backup> {
  await using link = await connectNats({ servers: testNatsUrl(), name: 'backup' })
  const streams: StreamBackup[] = []
  for (const name of names(namespace)) streams.push(await backUpStream(link, name))
  await between()
  await using mongo = await connectMongo({ uri: testMongoUri(), namespace, appName: 'backup' })
  return { streams, database: await dumpDatabase(mongo) }
}

/** Everything is lost; the database comes back, and of the streams those that are given. */
async function restore(namespace: string, { streams, database }: Backup): Promise<void> {
  await using link = await connectNats({ servers: testNatsUrl(), name: 'restore' })
  for (const name of names(namespace)) await callJetStream(link, `STREAM.DELETE.${name}`)
  for (const stream of streams) await restoreStream(link, stream)
  await using mongo = await connectMongo({ uri: testMongoUri(), namespace, appName: 'restore' })
  await mongo.database.dropDatabase()
  await restoreDatabase(mongo, database)
}

/** Lives two weeks, has a backup made over the end of the second, lives a third one, and loses everything. */
async function lose(
  installation: Installation,
): Promise<{ backup: Backup; communityId: string; kept: Catalogue; now: number }> {
  let communityId = ''
  await using node = await open(installation, beginning, async (context) => {
    communityId = await addControlled(context)
    await context.messages.ingest(communityId, [messageOf(communityId, beginning - 2 * week)], 'pending')
  })
  const { context } = node
  await waitForEvent(context, communityId, 'MagnetLinkDispatched')
  const backup = await backUp(installation.namespace, () => liveAWeek(node, communityId))
  const kept = await catalogueOf(context, communityId)
  const { now } = context.clock
  await liveAWeek(node, communityId)
  return { backup, communityId, kept, now }
}

describe('an installation on NATS and MongoDB that is restored', () => {
  it('goes on from a state that is newer than its log, seals nothing twice and is what its log says', async () => {
    await using installation = openInstallation({ ANNALS_TRACKERS: '' })
    const { backup, communityId, kept, now } = await lose(installation)
    await restore(installation.namespace, backup)
    await using node = await open(installation, now)
    await liveAWeek(node, communityId)
    const catalogue = await catalogueOf(node.context, communityId)
    expect(catalogue.archives.slice(0, kept.archives.length)).toEqual(kept.archives)
    expect(catalogue.archives).toHaveLength(kept.archives.length + 1)
    for (const { blob } of catalogue.archives) await readBlob(node.context.blobs, blob)
    await vi.waitFor(async () => expect(await differing(node)).toEqual([]), { timeout: 60_000, interval: 250 })
  })

  it('goes on where the log is lost whole: communities come back, and nothing is sealed twice', async () => {
    await using installation = openInstallation({ ANNALS_TRACKERS: '' })
    const { backup, communityId, kept, now } = await lose(installation)
    await restore(installation.namespace, { ...backup, streams: [] })
    await using node = await open(installation, now)
    await liveAWeek(node, communityId)
    const catalogue = await catalogueOf(node.context, communityId)
    expect(catalogue.archives.slice(0, kept.archives.length)).toEqual(kept.archives)
    expect(catalogue.archives).toHaveLength(kept.archives.length + 1)
    // The log knows nothing of what was made before it was lost.
    await vi.waitFor(async () => expect(await differing(node)).toEqual(['catalogues']), {
      timeout: 60_000,
      interval: 250,
    })
  })
})
