import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, readAll, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { ArchiveRangeError, PieceMismatchError } from './errors.ts'
import type { TorrentNode } from './torrent-node.ts'

const rawSizes = [150_000, 250_000, 102_400]
const old = makeHistory({ rawSizes })
const oldNext = makeHistory({ rawSizes: [...rawSizes, 5_000] })
const rebuilt = makeHistory({ rawSizes, variant: { text: 'rebuilt', fromArchive: 1 } })
const { communityId } = old

async function fetchAll(node: TorrentNode, history: typeof old, peer: TorrentNode): Promise<Buffer> {
  await using fetch = await fetchFrom(node, history, [peerOf(peer)])
  await fetch.index()
  await fetch.range(0, fetch.dataBytes)
  return await readAll(fetch)
}

test('a rebuilt history gets data of its own, the old one is served on until it is unseeded', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  const lineages = (): Promise<string[]> => readdir(`${folder.path}/a/${communityId}`)
  await storeAndSeed(seeder, old)
  await storeAndSeed(seeder, oldNext)
  await storeAndSeed(seeder, rebuilt)
  expect(await lineages()).toEqual(['0', '1'])
  expect((await fetchAll(fetcher, old, seeder)).equals(old.data)).toBe(true)
  expect((await fetchAll(fetcher, rebuilt, seeder)).equals(rebuilt.data)).toBe(true)

  await seeder.unseed(communityId, old.torrent.infoHash)
  expect(await lineages()).toEqual(['0', '1'])
  await seeder.unseed(communityId, oldNext.torrent.infoHash)
  expect(await lineages()).toEqual(['1'])
  await using late = await openTestNode(`${folder.path}/c`)
  expect((await fetchAll(late, rebuilt, seeder)).equals(rebuilt.data)).toBe(true)
})

test('two histories that are fetched at the same time do not get into each other', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, oldNext)
  await storeAndSeed(seeder, rebuilt)
  const [one, two] = await Promise.all([fetchAll(fetcher, oldNext, seeder), fetchAll(fetcher, rebuilt, seeder)])
  expect(one.equals(oldNext.data)).toBe(true)
  expect(two.equals(rebuilt.data)).toBe(true)
})

test('the data of the only history stays when its torrent is unseeded, and goes when another one is seeded', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  await storeAndSeed(node, old)
  await node.unseed(communityId, old.torrent.infoHash)
  const before = oldNext.reads()
  await storeAndSeed(node, oldNext)
  expect(oldNext.reads()).toBe(before + 1)
  await node.unseed(communityId, oldNext.torrent.infoHash)
  await storeAndSeed(node, rebuilt)
  expect(await readdir(`${folder.path}/${communityId}`)).toEqual(['1'])
})

test('archives or an index that are not those of the torrent are named, and what is right stays', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  const { torrent, archives, index } = old
  await expect(node.store(torrent, rebuilt.archives, index)).rejects.toMatchObject({
    name: 'PieceMismatchError',
    communityId,
    piece: 2,
    archiveOffsetBytes: archives[1]!.offsetBytes,
  })
  await expect(node.store(torrent, archives, rebuilt.index)).rejects.toMatchObject({ archiveOffsetBytes: undefined })
  await expect(node.store(torrent, archives, index.subarray(1))).rejects.toBeInstanceOf(PieceMismatchError)
  await expect(node.store(torrent, archives.slice(0, 2), index)).rejects.toBeInstanceOf(ArchiveRangeError)
  await expect(node.store(torrent, oldNext.archives, index)).rejects.toBeInstanceOf(ArchiveRangeError)
  const tooLong = { ...archives[2]!, read: () => archives[1]!.read() }
  await node.deleteCommunity(communityId)
  await expect(node.store(torrent, [archives[0]!, archives[1]!, tooLong], index)).rejects.toBeInstanceOf(
    ArchiveRangeError,
  )
  const before = old.reads()
  await storeAndSeed(node, old)
  expect(old.reads()).toBe(before + 1)
})
