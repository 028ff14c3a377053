import type { MagnetLink } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Snapshot, TestNode } from '@annals/service/testing'
import { decodeArchive, decodeMagnetLink, maxArchiveMessageBytes, SealBuffer } from '@annals/archive'
import { collectBlobs } from '@annals/service'
import { catalogues, dataLengthBytes, readBlob } from '@annals/storage'
import {
  Faults,
  InjectedFault,
  addControlled,
  addMember,
  eventsOf,
  log,
  messageOf,
  openTestNode,
  publishDue,
  snapshot,
} from '@annals/service/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sealRange } from './seal-range.ts'

const tools = { signal: new AbortController().signal, buffer: new SealBuffer() }

interface Scene extends AsyncDisposable {
  readonly node: TestNode
  readonly context: ServiceContext
  readonly communityId: string
  store(...timestamps: number[]): Promise<void>
  due(from: number, to: number): Promise<void>
}

/** The link that a week is announced with, under these settings. */
async function linkOf(env: Record<string, string>): Promise<MagnetLink> {
  await using scene = await open({ env: { ANNALS_TRACKERS: 'udp://other.example:1', ...env } })
  await scene.store(1_500)
  await scene.due(1_000, 2_000)
  const row = await scene.context.state.collection(catalogues).get(scene.communityId)
  return decodeMagnetLink(row?.value.torrent?.magnetLink ?? '')
}

async function open(options: Parameters<typeof openTestNode>[0] = {}): Promise<Scene> {
  const node = await openTestNode(options)
  const { context } = node
  const communityId = await addControlled(context)
  return {
    node,
    context,
    communityId,
    store: async (...timestamps) => {
      const messages = timestamps.map((timestamp) => messageOf(communityId, timestamp))
      await context.messages.ingest(communityId, messages, 'pending')
    },
    due: async (from, to) => sealRange(context, await publishDue(context, communityId, from, to), tools),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}

async function ranges({ context, communityId }: Scene): Promise<string[]> {
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  return (catalogue?.archives ?? []).map(({ from, to, messages }) => `${from}-${to}: ${messages}`)
}

/** The times of all messages that stand in archives, in the archives' order. */
async function archived({ context, communityId }: Scene): Promise<number[]> {
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  const times: number[] = []
  for (const { blob } of catalogue?.archives ?? []) times.push(...timesOf(await readBlob(context.blobs, blob)))
  return times
}

function timesOf(archive: Uint8Array): number[] {
  return [...decodeArchive(archive).messages()].flatMap((message) => ('timestamp' in message ? message.timestamp : []))
}

describe('archiver', () => {
  it('seals what is pending before the end of a due range, partition by partition', async () => {
    await using scene = await open()
    await scene.store(1_000, 1_999, 2_000, 4_500, 5_000)
    await scene.due(1_000, 5_000)
    expect(await ranges(scene)).toEqual(['1000-2000: 2', '2000-3000: 1', '4000-5000: 1'])
    const [created] = await eventsOf(scene.context, scene.communityId, 'ArchiveCreated')
    expect(created?.payload).toMatchObject({ from: 1_000, to: 5_000, generation: 1, leftOutMessages: 0 })
    expect(created?.payload.archives.map(({ from, messages }) => [from, messages])).toEqual([
      [1_000, 2],
      [2_000, 1],
      [4_000, 1],
    ])
    expect((await scene.context.messages.summary(scene.communityId)).pending).toBe(1)
  })

  it('names its tracker and web seed in the magnet link where there is a public address; the torrent stays the same', async () => {
    const without = await linkOf({})
    const link = await linkOf({ ANNALS_PUBLIC_URL: 'https://annals.example' })
    expect(link.infoHash).toBe(without.infoHash)
    expect(link.webSeeds).toEqual([`https://annals.example/seeds/${link.infoHash}/`])
    expect(link.trackers).toEqual([
      'wss://annals.example/announce',
      'https://annals.example/announce',
      ...without.trackers,
    ])
  })

  it('keeps the torrent before the newest to be had', async () => {
    await using scene = await open()
    await scene.store(1_500)
    await scene.due(1_000, 2_000)
    const rows = scene.context.state.collection(catalogues)
    const first = (await rows.get(scene.communityId))?.value
    await scene.store(2_500)
    await scene.due(2_000, 3_000)
    const { infoHash, indexBlob, indexBytes } = first?.torrent ?? {}
    const second = (await rows.get(scene.communityId))?.value
    expect(second?.previous).toEqual({
      infoHash,
      indexBlob,
      indexBytes,
      dataBytes: dataLengthBytes(first?.archives ?? []),
    })
    expect(second?.superseded).toContain(indexBlob)
  })

  it('names in the magnet link where seeders are, as the operator says', async () => {
    await using scene = await open({ env: { ANNALS_PEERS: 'seeder.example:6881, [2001:db8::1]:6881' } })
    await scene.store(1_500)
    await scene.due(1_000, 2_000)
    const { value } = (await scene.context.state.collection(catalogues).get(scene.communityId)) ?? {}
    expect(decodeMagnetLink(value?.torrent?.magnetLink ?? '').peers).toEqual([
      'seeder.example:6881',
      '[2001:db8::1]:6881',
    ])
  })

  it('skips a week without messages, says so, and moves the end of what is archived', async () => {
    await using scene = await open()
    await scene.due(1_000, 2_000)
    const row = await scene.context.state.collection(catalogues).get(scene.communityId)
    expect(row?.value).toMatchObject({ lastArchivedEnd: 2_000, generation: 0, archives: [] })
    const [none] = await eventsOf(scene.context, scene.communityId, 'NoArchiveCreated')
    expect(none?.payload).toEqual({ from: 1_000, to: 2_000, leftOutMessages: 0 })
    expect(await eventsOf(scene.context, scene.communityId, 'ArchiveCreated')).toEqual([])
  })

  it('archives messages that arrive late, with a time before the end date, once and in their own range', async () => {
    await using scene = await open()
    await scene.store(1_500, 2_500)
    await scene.due(1_000, 3_000)
    await scene.store(1_600, 500, 3_500)
    await scene.due(3_000, 4_000)
    await scene.due(4_000, 5_000)
    expect(await ranges(scene)).toEqual(['1000-2000: 1', '2000-3000: 1', '500-501: 1', '1600-1601: 1', '3000-4000: 1'])
    expect((await archived(scene)).toSorted((a, b) => a - b)).toEqual([500, 1_500, 1_600, 2_500, 3_500])
  })

  it('supplements a span of late messages by an archive that holds every message of it', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    await scene.store(1_100, 1_500, 1_900)
    // Not the community's, and so in no archive.
    await context.messages.ingest(communityId, [messageOf(communityId, 1_550, { channelId: 'other' })], 'pending')
    await scene.due(1_000, 2_000)
    await scene.store(1_400, 1_600)
    await scene.due(2_000, 3_000)
    expect(await ranges(scene)).toEqual(['1000-2000: 3', '1400-1601: 3'])
    expect(await archived(scene)).toEqual([1_100, 1_500, 1_900, 1_400, 1_500, 1_600])
    expect((await context.messages.summary(communityId)).pending).toBe(1)
  })

  it('keeps in a supplement what archives hold of a chat that was removed', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    const chats = (...ids: string[]): Promise<unknown> =>
      context.registry.execute(
        communityId,
        { type: 'ChangeChats', chats: ids.map((channelId) => ({ channelId, name: '' })) },
        'test',
      )
    await chats('general', 'old')
    await context.messages.ingest(communityId, [messageOf(communityId, 1_500, { channelId: 'old' })], 'pending')
    await scene.due(1_000, 2_000)
    await chats('general')
    await scene.store(1_400, 1_600)
    await scene.due(2_000, 3_000)
    expect(await archived(scene)).toEqual([1_500, 1_400, 1_500, 1_600])
  })

  it('loses and doubles nothing, in whatever order messages arrive, also for a reader that lets an archive replace its range', async () => {
    await using node = await openTestNode()
    const { context } = node
    let communities = 0
    const arrivals = fc.array(fc.array(fc.nat({ max: 5_999 }), { maxLength: 8 }), { minLength: 2, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(arrivals, async (weeks) => {
        const communityId = await addControlled(context, (communities += 1))
        for (const [week, times] of weeks.entries()) {
          const messages = [...new Set(times)].map((timestamp) => messageOf(communityId, timestamp))
          await context.messages.ingest(communityId, messages, 'pending')
          const due = await publishDue(context, communityId, week * 1_000, (week + 1) * 1_000)
          await sealRange(context, due, tools)
        }
        const [last] = [weeks.length * 1_000]
        const expected = [...new Set(weeks.flat())].filter((time) => time < last).toSorted((a, b) => a - b)
        let held = new Set<number>()
        const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
        for (const { blob, from, to } of catalogue?.archives ?? []) {
          const times = timesOf(await readBlob(context.blobs, blob))
          expect(new Set(times).size).toBe(times.length)
          held = new Set([...[...held].filter((time) => time < from || time >= to), ...times])
        }
        expect([...held].toSorted((a, b) => a - b)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  it('archives a message whose topic is not known yet when it becomes known', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    await context.messages.ingest(communityId, [messageOf(communityId, 1_100, { channelId: 'later' })], 'pending')
    await scene.store(1_200)
    await scene.due(1_000, 2_000)
    expect(await archived(scene)).toEqual([1_200])
    const chats = ['general', 'later'].map((channelId) => ({ channelId, name: channelId }))
    await context.registry.execute(communityId, { type: 'ChangeChats', chats }, 'test')
    await scene.due(2_000, 3_000)
    expect(await archived(scene)).toEqual([1_200, 1_100])
  })

  it('leaves out a message that is too large alone, counts it, and does not try it again', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    const large = messageOf(communityId, 1_100, { payloadBytes: maxArchiveMessageBytes })
    await context.messages.ingest(communityId, [large], 'pending')
    await scene.due(1_000, 2_000)
    await scene.store(2_500)
    await scene.due(2_000, 3_000)
    const [none] = await eventsOf(context, communityId, 'NoArchiveCreated')
    const [created] = await eventsOf(context, communityId, 'ArchiveCreated')
    expect(none?.payload.leftOutMessages).toBe(1)
    expect(created?.payload.leftOutMessages).toBe(0)
    expect((await context.messages.summary(communityId)).pending).toBe(0)
    expect(await archived(scene)).toEqual([2_500])
  })

  it('seals only the rest of a range that overlaps one that is done', async () => {
    await using scene = await open()
    await scene.store(1_500, 2_500)
    await scene.due(1_000, 2_000)
    await scene.due(1_000, 3_000)
    await scene.due(1_500, 2_500)
    expect(await ranges(scene)).toEqual(['1000-2000: 1', '2000-3000: 1'])
    expect((await log(scene.context, scene.communityId)).filter((id) => id.startsWith('ArchiveCreated'))).toEqual([
      'ArchiveCreated/1000-2000',
      'ArchiveCreated/2000-3000',
    ])
  })

  it('reads no old archive, and so needs none of their bytes', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    await scene.store(1_500)
    await scene.due(1_000, 2_000)
    const row = await context.state.collection(catalogues).get(communityId)
    for (const { blob } of row?.value.archives ?? []) await context.blobs.delete(blob)
    await scene.store(2_500)
    await scene.due(2_000, 3_000)
    expect(await ranges(scene)).toEqual(['1000-2000: 1', '2000-3000: 1'])
  })

  it('leaves a message pending that arrives while its range is sealed', async () => {
    let arrive: (() => Promise<void>) | undefined
    await using scene = await open({
      wrapEngines: (engines) => ({
        ...engines,
        blobs: {
          put: async (content) => {
            const blob = await engines.blobs.put(content)
            await arrive?.()
            arrive = undefined
            return blob
          },
          read: (key) => engines.blobs.read(key),
          readRange: (...part) => engines.blobs.readRange(...part),
          has: (key) => engines.blobs.has(key),
          delete: (key) => engines.blobs.delete(key),
          list: () => engines.blobs.list(),
          deleteUnused: (...args) => engines.blobs.deleteUnused(...args),
          sweep: (...args) => engines.blobs.sweep(...args),
          [Symbol.asyncDispose]: async () => {},
        },
      }),
    })
    await scene.store(1_500)
    arrive = () => scene.store(1_400)
    await scene.due(1_000, 2_000)
    expect(await archived(scene)).toEqual([1_500])
    expect((await scene.context.messages.summary(scene.communityId)).pending).toBe(1)
    await scene.due(2_000, 3_000)
    expect(await archived(scene)).toEqual([1_500, 1_400])
  })

  it('leaves the blobs of a replaced torrent to be collected one generation later', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    const torrents: string[][] = []
    for (const from of [1_000, 2_000, 3_000]) {
      await scene.store(from + 1)
      await scene.due(from, from + 1_000)
      const { infoBlob = '', indexBlob = '' } =
        (await context.state.collection(catalogues).get(communityId))?.value.torrent ?? {}
      torrents.push([infoBlob, indexBlob])
    }
    const has = (): Promise<boolean[]> => Promise.all(torrents.flat().map((blob) => context.blobs.has(blob)))
    expect(await has()).toEqual([true, true, true, true, true, true])
    await collectBlobs(context, { now: () => Date.now() + 1, unusedMilliseconds: 0 })
    const there = await has()
    expect(there).toEqual([false, false, true, true, true, true])
  })

  it('does nothing for a community that is not controlled here', async () => {
    await using node = await openTestNode()
    const { context } = node
    const communityId = `0x02${'ab'.repeat(32)}`
    await sealRange(context, await publishDue(context, communityId, 1_000, 2_000), tools)
    await addMember(context, communityId)
    await sealRange(context, await publishDue(context, communityId, 2_000, 3_000), tools)
    expect(await context.state.collection(catalogues).get(communityId)).toBeUndefined()
    expect((await log(context, communityId)).filter((id) => !id.startsWith('ArchiveDue'))).toHaveLength(2)
  })

  it('gives up between two archives when it is told to stop, and goes on at the next start', async () => {
    await using scene = await open()
    const { context, communityId } = scene
    await scene.store(1_500, 2_500)
    const due = await publishDue(context, communityId, 1_000, 3_000)
    const stop = AbortSignal.abort(new InjectedFault('stop'))
    await expect(sealRange(context, due, { ...tools, signal: stop })).rejects.toBeInstanceOf(InjectedFault)
    expect(await context.state.collection(catalogues).get(communityId)).toBeUndefined()
    await sealRange(context, due, tools)
    expect(await ranges(scene)).toEqual(['1000-2000: 1', '2000-3000: 1'])
  })
})

/** Four weeks: with late messages, with nothing, with the first blobs to be deleted. What fails is delivered again. */
async function live(scene: Scene, faults: Faults): Promise<Snapshot> {
  const faulty = { ...scene.context, ...faults.wrap(scene.context) }
  for (const [from, ...timestamps] of [[1_000, 1_100, 1_200], [2_000, 2_100, 900], [3_000], [4_000, 4_100]] as const) {
    await scene.store(...timestamps)
    const due = await publishDue(scene.context, scene.communityId, from, from + 1_000)
    await sealRange(faulty, due, tools).catch(async (error: unknown) => {
      if (!(error instanceof InjectedFault)) throw error
      await sealRange(faulty, due, tools)
    })
  }
  return snapshot(scene.context, scene.communityId)
}

it('archiver › no range is archived twice when the torrent write fails, nor at any other effect', async () => {
  const calm = new Faults()
  await using undisturbed = await open()
  const expected = await live(undisturbed, calm)
  expect(expected.pending).toBe(0)
  for (const [at, moment] of calm.moments.entries()) {
    await using scene = await open()
    expect({ moment, ...(await live(scene, new Faults(at))) }).toEqual({ moment, ...expected })
  }
  expect(calm.moments.length).toBeGreaterThan(60)
})
