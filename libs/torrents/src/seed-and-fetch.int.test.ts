import { readdir } from 'node:fs/promises'
import { pieceLengthBytes } from '@annals/archive'
import { describe, expect, test } from 'vitest'
import { communityIdOf, makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, readAll, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { NotHeldError, TorrentNodeError } from './errors.ts'
import { startTracker } from './tracker/start-tracker.ts'

const weekOne = makeHistory({ rawSizes: [50_000, 250_000, 102_400], indexBytes: 150_000 })
const weekTwo = makeHistory({ rawSizes: [50_000, 250_000, 102_400, 700_000, 10], indexBytes: 160_000 })

test('what one node seeds another fetches byte for byte, each byte once', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, weekOne)
  const progress: number[] = []
  await using fetch = await fetchFrom(fetcher, weekOne, [peerOf(seeder)], {
    onProgress: ({ downloadedBytes }) => progress.push(downloadedBytes),
  })
  expect(fetch).toMatchObject({ dataBytes: weekOne.data.length, indexBytes: weekOne.index.length })
  expect(Buffer.from(fetch.infoBytes).equals(weekOne.torrent.infoBytes)).toBe(true)
  expect(Buffer.from(await fetch.index()).equals(weekOne.index)).toBe(true)
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(weekOne.data)).toBe(true)
  const total = weekOne.data.length + weekOne.index.length
  expect(fetch.downloadedBytes()).toBe(total)
  expect(progress.at(-1)).toBe(total)
  expect(await fetcher.holds(weekOne.communityId, weekOne.torrent.infoHash)).toBe(true)
  expect(seeder.seeding()).toMatchObject([{ infoHash: weekOne.torrent.infoHash, uploadedBytes: total }])
})

test('only what is asked for is fetched, and it may be asked for at once and twice', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, weekTwo)
  await using fetch = await fetchFrom(fetcher, weekTwo, [peerOf(seeder)])
  const range = (first: number, pieces: number): Promise<void> =>
    fetch.range(first * pieceLengthBytes, pieces * pieceLengthBytes)
  await Promise.all([range(1, 3), range(2, 1), range(3, 4), range(9, 1), fetch.index()])
  expect(fetch.downloadedBytes()).toBe(7 * pieceLengthBytes + weekTwo.index.length)
  expect(await fetcher.holds(weekTwo.communityId, weekTwo.torrent.infoHash)).toBe(false)
  await expect(fetcher.seed(weekTwo.communityId, weekTwo.torrent.infoHash)).rejects.toBeInstanceOf(NotHeldError)
})

test('of the next week only the new pieces and the index are fetched, while the old week is served on', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await using late = await openTestNode(`${folder.path}/c`)
  await storeAndSeed(seeder, weekOne)
  {
    await using fetch = await fetchFrom(fetcher, weekOne, [peerOf(seeder)])
    await fetch.index()
    await fetch.range(0, fetch.dataBytes)
  }
  await fetcher.seed(weekOne.communityId, weekOne.torrent.infoHash)
  const before = weekTwo.reads()
  await storeAndSeed(seeder, weekTwo)
  expect(weekTwo.reads()).toBe(before + 2)

  await using fetch = await fetchFrom(fetcher, weekTwo, [peerOf(seeder)])
  await using lateFetch = await fetchFrom(late, weekOne, [peerOf(fetcher)])
  const old = lateFetch.range(0, lateFetch.dataBytes)
  await fetch.index()
  await fetch.range(0, fetch.dataBytes)
  await old
  expect(fetch.downloadedBytes()).toBe(weekTwo.data.length - weekOne.data.length + weekTwo.index.length)
  expect((await readAll(fetch)).equals(weekTwo.data)).toBe(true)
  expect((await readAll(lateFetch)).equals(weekOne.data)).toBe(true)

  await fetcher.seed(weekTwo.communityId, weekTwo.torrent.infoHash)
  expect(fetcher.seeding().map(({ infoHash }) => infoHash)).toEqual([
    weekOne.torrent.infoHash,
    weekTwo.torrent.infoHash,
  ])
  await fetcher.unseed(weekOne.communityId, weekOne.torrent.infoHash)
  await using newest = await fetchFrom(late, weekTwo, [peerOf(fetcher)])
  await newest.index()
  await newest.range(0, newest.dataBytes)
  expect((await readAll(newest)).equals(weekTwo.data)).toBe(true)
  const names = await readdir(`${folder.path}/b/${weekTwo.communityId}/0`)
  const { infoHash } = weekTwo.torrent
  expect(names.sort()).toEqual(
    [`${infoHash}.index`, `${infoHash}.info`, `${infoHash}.trackers`, 'data', 'pieces'].sort(),
  )
})

test('pieces that one torrent brings are served and counted by the others that have them too', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await using third = await openTestNode(`${folder.path}/c`)
  await storeAndSeed(seeder, weekOne)
  await storeAndSeed(seeder, weekTwo)
  await using one = await fetchFrom(fetcher, weekOne, [peerOf(seeder)])
  await using two = await fetchFrom(fetcher, weekTwo, [peerOf(seeder)])
  await one.range(0, one.dataBytes)
  await two.range(0, one.dataBytes)
  expect(two.downloadedBytes()).toBe(0)
  // The third node learns only from the fetcher, whose view of the second torrent had none of this when it was added.
  await using again = await fetchFrom(third, weekTwo, [peerOf(fetcher)])
  await again.range(0, one.dataBytes)
  expect(again.downloadedBytes()).toBe(weekOne.data.length)
})

test('a fetch of what is here needs no peer and moves nothing', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  await storeAndSeed(node, weekOne)
  await using fetch = await fetchFrom(node, weekOne, [])
  expect(Buffer.from(await fetch.index()).equals(weekOne.index)).toBe(true)
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(weekOne.data)).toBe(true)
  expect(fetch.downloadedBytes()).toBe(0)
  await fetch[Symbol.asyncDispose]()
  expect(node.seeding()).toHaveLength(1)
})

describe('by a tracker', () => {
  test('a fetcher finds a seeder that was there before', async () => {
    await using folder = await testFolder()
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    await using seeder = await openTestNode(`${folder.path}/a`, { trackers: [tracker.announceUrl] })
    await using fetcher = await openTestNode(`${folder.path}/b`)
    await storeAndSeed(seeder, weekOne)
    const magnetLink = weekOne.magnetLink({ trackers: [tracker.announceUrl] })
    await using fetch = await fetchFrom(fetcher, weekOne, [], { magnetLink })
    await fetch.range(0, fetch.dataBytes)
    expect((await readAll(fetch)).equals(weekOne.data)).toBe(true)
    expect(fetch.trackers).toEqual([tracker.announceUrl])
  })

  test('a fetcher that waits is found by a seeder that comes later', async () => {
    await using folder = await testFolder()
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    await using fetcher = await openTestNode(`${folder.path}/b`)
    await using seeder = await openTestNode(`${folder.path}/a`, { trackers: [tracker.announceUrl] })
    const magnetLink = weekOne.magnetLink({ trackers: [tracker.announceUrl] })
    const fetching = fetchFrom(fetcher, weekOne, [], { magnetLink })
    await storeAndSeed(seeder, weekOne)
    await using fetch = await fetching
    await fetch.range(0, fetch.dataBytes)
    expect((await readAll(fetch)).equals(weekOne.data)).toBe(true)
  })
})

test('a peer named in the magnet link is enough', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, weekOne)
  const magnetLink = weekOne.magnetLink({ peers: [peerOf(seeder)] })
  await using fetch = await fetchFrom(fetcher, weekOne, [], { magnetLink })
  expect(Buffer.from(await fetch.index()).equals(weekOne.index)).toBe(true)
})

test('unseeding, deleting and seeding are all told from what is not there', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  const { communityId, torrent } = weekOne
  await expect(node.seed(communityId, torrent.infoHash)).rejects.toMatchObject({ missingPieces: undefined })
  await node.unseed(communityId, torrent.infoHash)
  await node.deleteCommunity(communityIdOf(5))
  await storeAndSeed(node, weekOne)
  await node.seed(communityId, torrent.infoHash)
  await node.unseed(communityId, torrent.infoHash)
  expect(node.seeding()).toEqual([])
  expect(await node.holds(communityId, torrent.infoHash)).toBe(false)
  await storeAndSeed(node, weekOne)
  await node.deleteCommunity(communityId)
  expect(await node.holds(communityId, torrent.infoHash)).toBe(false)
  expect((await readdir(folder.path)).filter((name) => !name.startsWith('.'))).toEqual([])
})

test('a folder has one node at a time, a port one listener, and a closed node does nothing', async () => {
  await using folder = await testFolder()
  const node = await openTestNode(`${folder.path}/a`)
  await expect(openTestNode(`${folder.path}/a`)).rejects.toBeInstanceOf(TorrentNodeError)
  const { port } = node.address
  await expect(openTestNode(`${folder.path}/b`, { port })).rejects.toBeInstanceOf(TorrentNodeError)
  await node[Symbol.asyncDispose]()
  await node[Symbol.asyncDispose]()
  await expect(node.holds(weekOne.communityId, weekOne.torrent.infoHash)).rejects.toBeInstanceOf(TorrentNodeError)
  await using again = await openTestNode(`${folder.path}/a`, { port })
  expect(again.address.port).toBe(port)
})
