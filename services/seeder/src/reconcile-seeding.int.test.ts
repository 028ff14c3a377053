import type { ServiceContext } from '@annals/service'
import type { Snapshot, TestNode } from '@annals/service/testing'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import {
  Faults,
  InjectedFault,
  addControlled,
  appendArchive,
  eventsOf,
  log,
  messageOf,
  openTestNode,
  snapshot,
  testFolder,
  torrentOf,
  waitForEvent,
} from '@annals/service/testing'
import { catalogues, emptyCatalogue, updateDocument } from '@annals/storage'
import { expect, it } from 'vitest'
import { reconcileSeeding } from './reconcile-seeding.ts'
import { seeder } from './seeder.ts'

async function append(context: ServiceContext, communityId: string, from: number): Promise<string> {
  await appendArchive(context, communityId, [messageOf(communityId, from + 1)], from)
  return torrentOf(context, communityId)
}

function served({ torrents }: ServiceContext): string[] {
  return torrents.seeding().map(({ infoHash }) => infoHash)
}

async function changes(context: ServiceContext, communityId: string): Promise<string[]> {
  return (await log(context, communityId)).filter((id) => /^(SeedingStarted|Unseeded)/.test(id))
}

async function execute(
  { registry }: ServiceContext,
  communityId: string,
  type: 'EnableArchiving' | 'DisableArchiving' | 'LeaveCommunity',
): Promise<void> {
  await registry.execute(communityId, { type }, 'test')
}

it('seeder › goes on with the trace of the archive where no event leads to it, as after a restart', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await append(context, communityId, 1_000)
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  await updateDocument(context.state.collection(catalogues), communityId, (value = emptyCatalogue) => ({
    ...value,
    ...(value.torrent && { torrent: { ...value.torrent, traceparent: `00-${traceId}-b7ad6b7169203331-01` } }),
  }))
  await node.start(seeder)
  const { traceparent } = await waitForEvent(context, communityId, 'SeedingStarted')
  expect(traceparent).toContain(traceId)
})

it('seeder › says that it seeds while its trackers refuse, or take the question and never answer', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket.on('error', () => {}).resume()))
  const refusing = createServer()
  using _closing = {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy()
      silent.close()
    },
  }
  for (const server of [silent, refusing]) await once(server.listen(0, '127.0.0.1'), 'listening')
  const ports = [silent, refusing].map((server) => (server.address() as AddressInfo).port)
  refusing.close()
  const trackers = ports.map((port) => `http://127.0.0.1:${port}/announce`)
  const asked = once(silent, 'connection')
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await append(context, communityId, 1_000)
  await updateDocument(context.state.collection(catalogues), communityId, (value = emptyCatalogue) => ({
    ...value,
    ...(value.torrent && { torrent: { ...value.torrent, trackers } }),
  }))
  await node.start(seeder)
  const { payload } = await waitForEvent(context, communityId, 'SeedingStarted')
  expect(payload).toMatchObject({ infoHash })
  await asked
  // Nobody gave up to wait for an answer.
  expect(sockets.map(({ readyState }) => readyState)).toContain('open')
})

it('seeder › serves the old torrent until the new one is, and says so in that order', async () => {
  const steps: string[] = []
  await using node = await openTestNode({
    wrapEngines: (engines) => {
      const { torrents } = engines
      const seed = torrents.seed.bind(torrents)
      const unseed = torrents.unseed.bind(torrents)
      torrents.seed = async (communityId, infoHash) => {
        await seed(communityId, infoHash)
        steps.push(`seed: ${torrents.seeding().length}`)
      }
      torrents.unseed = async (communityId, infoHash) => {
        steps.push(`unseed: ${torrents.seeding().length}`)
        await unseed(communityId, infoHash)
      }
      return engines
    },
  })
  const { context } = node
  const communityId = await addControlled(context)
  const first = await append(context, communityId, 1_000)
  await node.start(seeder)
  const second = await append(context, communityId, 2_000)
  await waitForEvent(context, communityId, 'Unseeded')
  expect(served(context)).toEqual([second])
  expect(steps.filter((step) => step !== 'seed: 1')).toEqual(['seed: 2', 'unseed: 2'])
  expect(await changes(context, communityId)).toEqual([
    `SeedingStarted/${first}/1`,
    `SeedingStarted/${second}/2`,
    `Unseeded/${first}/2`,
  ])
  const [, started] = await eventsOf(context, communityId, 'SeedingStarted')
  expect(started?.payload).toMatchObject({ infoHash: second, generation: 2 })
})

it('seeder › is never without a torrent: nothing seeded while archiving, or after it failed, does not happen', async () => {
  await using folder = await testFolder()
  let communityId: string
  let old: string
  {
    await using node = await openTestNode({ folder: folder.path })
    const { context } = node
    communityId = await addControlled(context)
    old = await append(context, communityId, 1_000)
    await reconcileSeeding(context, communityId)
    await append(context, communityId, 2_000)
    const row = await context.state.collection(catalogues).get(communityId)
    await context.blobs.delete(row?.value.archives.at(-1)?.blob ?? '')
    await expect(reconcileSeeding(context, communityId)).rejects.toMatchObject({ name: 'BlobMissingError' })
    expect(served(context)).toEqual([old])
  }
  await using restarted = await openTestNode({ folder: folder.path })
  await restarted.start(seeder)
  expect(served(restarted.context)).toEqual([old])
})

it('seeder › serves at once after a restart, and says nothing', async () => {
  await using folder = await testFolder()
  let before: Snapshot
  let communityId: string
  {
    await using node = await openTestNode({ folder: folder.path })
    communityId = await addControlled(node.context)
    await append(node.context, communityId, 1_000)
    await reconcileSeeding(node.context, communityId)
    before = await snapshot(node.context, communityId)
  }
  await using restarted = await openTestNode({ folder: folder.path })
  await restarted.start(seeder)
  expect(await snapshot(restarted.context, communityId)).toEqual(before)
  expect(before.seeding).toHaveLength(1)
})

it('seeder › makes a torrent folder that was lost anew, of blobs', async () => {
  await using folder = await testFolder()
  let communityId: string
  let infoHash: string
  {
    await using node = await openTestNode({ folder: folder.path })
    communityId = await addControlled(node.context)
    await append(node.context, communityId, 1_000)
    infoHash = await append(node.context, communityId, 2_000)
    await reconcileSeeding(node.context, communityId)
  }
  await rm(join(folder.path, 'data', 'torrents'), { recursive: true })
  await using restarted = await openTestNode({ folder: folder.path })
  await restarted.start(seeder)
  expect(served(restarted.context)).toEqual([infoHash])
})

it('seeder › ends when archiving is switched off or the community is left, and begins anew when it is on', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await append(context, communityId, 1_000)
  await reconcileSeeding(context, communityId)
  await execute(context, communityId, 'DisableArchiving')
  await reconcileSeeding(context, communityId)
  expect(served(context)).toEqual([])
  await execute(context, communityId, 'EnableArchiving')
  await reconcileSeeding(context, communityId)
  expect(served(context)).toEqual([infoHash])
  await execute(context, communityId, 'LeaveCommunity')
  await reconcileSeeding(context, communityId)
  expect(served(context)).toEqual([])
  expect(await changes(context, communityId)).toEqual([
    `SeedingStarted/${infoHash}/1`,
    `Unseeded/${infoHash}/1`,
    `SeedingStarted/${infoHash}/2`,
    `Unseeded/${infoHash}/2`,
  ])
  const ended = await eventsOf(context, communityId, 'Unseeded')
  expect(ended.map(({ payload }) => payload.reason)).toEqual(['archiving is off', 'the community was left'])
})

it('seeder › takes a stale event for nothing', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await append(context, communityId, 1_000)
  await append(context, communityId, 2_000)
  await reconcileSeeding(context, communityId)
  const before = await snapshot(context, communityId)
  await reconcileSeeding(context, communityId)
  await reconcileSeeding(context, `0x02${'ab'.repeat(32)}`)
  expect(await snapshot(context, communityId)).toEqual(before)
})

it('seeder › lets nothing go on being served that archiving was switched off for, whatever failed before', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await append(context, communityId, 1_000)
  const moments = ['before torrents.store', 'after torrents.store', 'before torrents.seed', 'after torrents.seed']
  const faulty = { ...context, ...new Faults(moments.length).wrap(context) }
  await expect(reconcileSeeding(faulty, communityId)).rejects.toMatchObject({ moment: 'before seedings.put' })
  expect(served(context)).toHaveLength(1)
  await execute(context, communityId, 'DisableArchiving')
  await reconcileSeeding(faulty, communityId)
  expect(served(context)).toEqual([])
})

/** A torrent, another one in its place, off, on. What fails is done again, as a redelivery does. */
async function live({ context }: TestNode, faults: Faults): Promise<Snapshot> {
  const faulty = { ...context, ...faults.wrap(context) }
  const communityId = await addControlled(context)
  const steps = [
    () => append(context, communityId, 1_000),
    () => append(context, communityId, 2_000),
    () => execute(context, communityId, 'DisableArchiving'),
    () => execute(context, communityId, 'EnableArchiving'),
  ]
  for (const step of steps) {
    await step()
    await reconcileSeeding(faulty, communityId).catch(async (error: unknown) => {
      if (!(error instanceof InjectedFault)) throw error
      await reconcileSeeding(faulty, communityId)
    })
  }
  return snapshot(context, communityId)
}

it('seeder › comes to the same when any effect fails once', async () => {
  const calm = new Faults()
  await using undisturbed = await openTestNode()
  const expected = await live(undisturbed, calm)
  for (const [at, moment] of calm.moments.entries()) {
    await using node = await openTestNode()
    expect({ moment, ...(await live(node, new Faults(at))) }).toEqual({ moment, ...expected })
  }
  expect(calm.moments.length).toBeGreaterThan(30)
})
