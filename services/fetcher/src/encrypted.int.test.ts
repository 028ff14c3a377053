import type { MadeTorrent } from '@annals/service/testing'
import type { Scene } from './testing/open-scene.ts'
import { decodeInfo, decodeTorrentFile, encodeMagnetLink, infoHash } from '@annals/archive'
import { toHex } from '@annals/crypto'
import { sha1 } from '@annals/service'
import { addMember, eventsOf, openTestNode, testFolder, waitForEvent } from '@annals/service/testing'
import { catalogues, downloads, waitingArchives } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { readVectorFiles, skipVectors, vectorsNote } from '../../../libs/archive/testing/vectors.ts'
import { groupKeyOf, readVector, type VectorGroupKey } from '../../../libs/crypto/testing/vectors.ts'
import { fetcher } from './fetcher.ts'
import { encryptedWeeks, groupKey } from './testing/encrypted-weeks.ts'
import { addGroupKey, communityId, openScene, weeks } from './testing/open-scene.ts'

/** Nobody has the torrent any more. */
async function unserve(scene: Scene, torrent: MadeTorrent): Promise<void> {
  await scene.seeder.context.torrents.unseed(communityId, torrent.torrent.infoHash)
}

async function waiting({ member }: Scene): Promise<number> {
  const rows = await Array.fromAsync(member.context.state.collection(waitingArchives).list())
  return rows.length
}

describe('fetcher, of an encrypted community', () => {
  it('imports what its keys decrypt, each archive by its own key', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    for (const number of [1, 2]) await context.keys.groups.putRead(communityId, groupKey(number))
    await scene.member.start(fetcher)
    await scene.announce(await encryptedWeeks([1, 2, 0], 2), 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 3, messagesImported: 6, archivesWaiting: 0, messagesSetAside: 0 })
    expect(await scene.times()).toEqual([1_001, 1_002, 2_001, 2_002, 3_001, 3_002])
    expect(await scene.catalogue()).toMatchObject({ encrypted: true })
  })

  it('keeps archives without their key, seeds them, and imports them when it comes, fetching nothing', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await context.keys.groups.putRead(communityId, groupKey(2))
    await scene.member.start(fetcher)
    const torrent = await encryptedWeeks([1, 2, 3], 2)
    await scene.announce(torrent, 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 1, messagesImported: 2, archivesWaiting: 2, messagesSetAside: 0 })
    const [downloaded] = await eventsOf(context, communityId, 'ArchivesDownloaded')
    expect(downloaded?.payload).toMatchObject({ archivesFetched: 3, archivesTotal: 3, archivesWaiting: 2 })
    expect(await context.torrents.holds(communityId, torrent.torrent.infoHash)).toBe(true)
    expect(await waiting(scene)).toBe(2)
    await unserve(scene, torrent)

    // In the wrong order.
    await addGroupKey(context, groupKey(3))
    const third = await waitForEvent(context, communityId, 'ArchiveDecrypted')
    expect(third.payload).toMatchObject({ archiveId: torrent.entries[2]?.id, messagesImported: 2 })
    await addGroupKey(context, groupKey(1))
    const first = await waitForEvent(context, communityId, 'ArchiveDecrypted', third.sequence)
    expect(first.payload).toMatchObject({ archiveId: torrent.entries[0]?.id, messagesImported: 2 })
    await scene.untilDownload(({ dueAt, done }) => dueAt === undefined && done !== undefined)
    expect(await scene.times()).toEqual([1_001, 1_002, 2_001, 2_002, 3_001, 3_002])
    expect((await scene.catalogue())?.archives.map(({ messages }) => messages)).toEqual([2, 2, 2])
    expect(await waiting(scene)).toBe(0)
  })

  it('waits with an index whose key is not there, without trying again, and is seeded meanwhile', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    const torrent = await encryptedWeeks([1, 2], 2)
    await scene.announce(torrent, 5)
    const row = await scene.untilDownload(({ waitsForKey }) => waitsForKey !== undefined)
    expect(row).toMatchObject({ tries: 0, waitsForKey: { keyId: toHex(groupKey(2).keyId) } })
    expect(row.dueAt).toBeUndefined()
    const [downloaded] = await eventsOf(context, communityId, 'ArchivesDownloaded')
    expect(downloaded?.payload).toMatchObject({ archivesTotal: 0, indexWaiting: true })
    expect(await context.torrents.holds(communityId, torrent.torrent.infoHash)).toBe(true)
    const unread = await scene.catalogue()
    expect(unread).toMatchObject({ archives: [], indexWaits: true, torrent: { infoHash: torrent.torrent.infoHash } })
    expect(unread?.fillers?.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(204_800)
    await unserve(scene, torrent)

    await addGroupKey(context, groupKey(1))
    await addGroupKey(context, groupKey(2))
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 2, messagesImported: 4, archivesWaiting: 0, downloadedBytes: 0 })
    expect(await scene.times()).toEqual([1_001, 1_002, 2_001, 2_002])
    const read = await scene.catalogue()
    expect(read).toMatchObject({ generation: 2, encrypted: true, fillers: [] })
    expect(read?.indexWaits).toBeUndefined()
    const done = await scene.untilDownload(({ done }) => done !== undefined)
    expect(done.waitsForKey).toBeUndefined()
  })

  it('takes a key that came while nothing ran at the next start, also of archives of a torrent that was replaced', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const running = await scene.member.start(fetcher)
    const torrent = await encryptedWeeks([1], 0)
    await scene.announce(torrent, 5)
    const { sequence } = await waitForEvent(context, communityId, 'DownloadFinished')
    await scene.announce(await weeks(2), 6)
    await waitForEvent(context, communityId, 'DownloadFinished', sequence)
    await scene.untilDownload(({ done }) => done?.clockMilliseconds === 6)
    await running[Symbol.asyncDispose]()
    expect(await waiting(scene)).toBe(1)
    await addGroupKey(context, groupKey(1))
    await scene.member.start(fetcher)
    await waitForEvent(context, communityId, 'ArchiveDecrypted')
    await scene.untilDownload(({ dueAt }) => dueAt === undefined)
    expect(await waiting(scene)).toBe(0)
  })

  it('goes on after a restart of the whole node with what waits', async () => {
    await using folder = await testFolder()
    await using seeder = await openTestNode()
    const torrent = await encryptedWeeks([1], 1)
    const magnetLink = await torrent.serve(seeder.context.torrents)
    const wanted = { infoHash: torrent.torrent.infoHash, magnetLink, clockMilliseconds: 5 }
    {
      await using member = await openTestNode({ folder: folder.path })
      await addMember(member.context, communityId)
      await member.context.state.collection(downloads).put(communityId, { wanted, tries: 0, dueAt: 1 }, 0)
      await member.start(fetcher)
      await waitForEvent(member.context, communityId, 'ArchivesDownloaded')
    }
    await seeder.context.torrents.unseed(communityId, wanted.infoHash)
    await using member = await openTestNode({ folder: folder.path })
    await member.context.keys.groups.putRead(communityId, groupKey(1))
    await member.start(fetcher)
    const { payload } = await waitForEvent(member.context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 1, messagesImported: 2 })
  })

  it('sets aside an archive whose tag is wrong, counts it, and goes on with the others', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await context.keys.groups.putRead(communityId, groupKey(1))
    await scene.member.start(fetcher)
    const torrent = await encryptedWeeks([1, 1], 1, (encrypted, at) => {
      if (at === 0) encrypted[200] = (encrypted[200] ?? 0) ^ 1
    })
    await scene.announce(torrent, 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 2, messagesImported: 2, messagesSetAside: 1, archivesWaiting: 0 })
    expect(await scene.times()).toEqual([2_001, 2_002])
  })

  it('takes a newer announcement in the place of one whose index waits', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    await scene.announce(await encryptedWeeks([1], 1), 5)
    await scene.untilDownload(({ waitsForKey }) => waitsForKey !== undefined)
    await scene.announce(await weeks(2), 6)
    await waitForEvent(context, communityId, 'DownloadFinished')
    const row = await scene.untilDownload(({ done }) => done !== undefined)
    expect([row.wanted, row.waitsForKey]).toEqual([undefined, undefined])
    expect(await scene.times()).toEqual([1_001, 1_002, 2_001, 2_002])
  })
})

describe.skipIf(skipVectors)(`fetcher, of torrents that status-go encrypted${vectorsNote}`, () => {
  it.for([
    { name: 'one-key', step: 'step1', order: [0] },
    { name: 'misparse', step: 'step1', order: [0] },
    { name: 'rotation', step: 'step2', order: [0, 1] },
    { name: 'rotation', step: 'step2', order: [1, 0] },
  ])('imports $name $step whole when its keys have come, in the order $order', async ({ name, step, order }) => {
    const files = readVectorFiles('encrypted', name, step)
    if (files?.data === undefined) throw new Error('the vector has no data')
    const { data, index, torrent } = files
    const { infoBytes } = decodeTorrentFile(torrent)
    const { communityId: of } = decodeInfo(infoBytes)
    const keys = (readVector(`encrypted/${name}/keys.json`) as VectorGroupKey[]).map(groupKeyOf)
    await using seeder = await openTestNode()
    const stored = { communityId: of, infoHash: infoHash(infoBytes, sha1), infoBytes, trackers: [] }
    const whole = {
      offsetBytes: 0,
      sizeBytes: data.length,
      read: async function* () {
        yield data
      },
    }
    await seeder.context.torrents.store(stored, [whole], index)
    await seeder.context.torrents.seed(of, stored.infoHash)
    const { host, port } = seeder.context.torrents.address
    const peers = [`${host}:${port}`]
    const magnetLink = encodeMagnetLink({ communityId: of, infoHash: stored.infoHash, trackers: [], peers })
    await using member = await openTestNode()
    const { context } = member
    await addMember(context, of)
    const wanted = { infoHash: stored.infoHash, magnetLink, clockMilliseconds: 5 }
    await context.state.collection(downloads).put(of, { wanted, tries: 0, dueAt: 1 }, 0)
    await member.start(fetcher)
    // Before any key: it is here whole, and its index waits.
    await waitForEvent(context, of, 'ArchivesDownloaded')
    await seeder.context.torrents.unseed(of, stored.infoHash)
    for (const at of order) await addGroupKey(context, keys[at] ?? keys[0]!, of)
    await waitForEvent(context, of, 'DownloadFinished')
    const expected = files.expected.archivesByOffset
    const total = expected.reduce((sum, { messages }) => sum + messages, 0)
    for (;;) {
      const rows = await Array.fromAsync(context.state.collection(waitingArchives).list())
      if (rows.length === 0) break
      await waitForEvent(context, of, 'ArchiveDecrypted')
    }
    expect((await context.messages.summary(of)).messages).toBe(total)
    const archives = (await context.state.collection(catalogues).get(of))?.value.archives
    expect(archives?.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  })
})
