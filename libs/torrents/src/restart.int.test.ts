import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { pieceHashBytes, pieceLengthBytes } from '@annals/archive'
import { expect, test } from 'vitest'
import { makeHistory, sha1 } from '../testing/make-history.ts'
import {
  fetchFrom,
  openTestNode,
  patientLimits,
  peerOf,
  readAll,
  storeAndSeed,
  testFolder,
} from '../testing/open-nodes.ts'
import { DamagedPieceError } from './errors.ts'

const history = makeHistory({ rawSizes: [350_000, 90_000, 500_000], indexBytes: 120_000 })
const { communityId, torrent } = history
const pieces = 4 + 1 + 5 + 2

/** Counts hashes of pieces; metadata is shorter. */
function countingSha1(): { sha1: typeof sha1; pieces(): number } {
  let count = 0
  return {
    sha1: (bytes) => {
      if (bytes.length > 10_000) count += 1
      return sha1(bytes)
    },
    pieces: () => count,
  }
}

async function fetchAll(path: string, peers: readonly string[]): Promise<Buffer> {
  await using fetcher = await openTestNode(path)
  await using fetch = await fetchFrom(fetcher, history, peers)
  expect(Buffer.from(await fetch.index()).equals(history.index)).toBe(true)
  await fetch.range(0, fetch.dataBytes)
  return await readAll(fetch)
}

test('a restarted node serves at once without hashing, and hashes each piece once when it is first read', async () => {
  await using folder = await testFolder()
  {
    await using node = await openTestNode(`${folder.path}/a`)
    await storeAndSeed(node, history)
  }
  const counting = countingSha1()
  await using node = await openTestNode(`${folder.path}/a`, { sha1: counting.sha1 })
  expect(node.seeding()).toEqual([])
  expect(await node.holds(communityId, torrent.infoHash)).toBe(true)
  await node.seed(communityId, torrent.infoHash)
  expect(counting.pieces()).toBe(0)
  expect((await fetchAll(`${folder.path}/b`, [peerOf(node)])).equals(history.data)).toBe(true)
  expect(counting.pieces()).toBe(pieces)
  expect((await fetchAll(`${folder.path}/c`, [peerOf(node)])).equals(history.data)).toBe(true)
  expect(counting.pieces()).toBe(pieces)
})

test('the whole of data is not re-hashed: what is stored or fetched is hashed by this node once and never again', async () => {
  await using folder = await testFolder()
  const counting = countingSha1()
  const before = history.reads()
  await using node = await openTestNode(`${folder.path}/a`, { sha1: counting.sha1 })
  await storeAndSeed(node, history)
  expect(counting.pieces()).toBe(pieces)
  await node.store(torrent, history.archives, history.index)
  expect((await fetchAll(`${folder.path}/b`, [peerOf(node)])).equals(history.data)).toBe(true)
  // The index is handed over with each store, so it is compared each time.
  expect(counting.pieces()).toBe(pieces + 2)
  expect(history.reads()).toBe(before + 3)
})

test('a damaged piece is not served, is known as missing, and comes again by store or by fetch', async () => {
  await using folder = await testFolder()
  const dataPath = `${folder.path}/a/${communityId}/0/data`
  {
    await using node = await openTestNode(`${folder.path}/a`)
    await storeAndSeed(node, history)
  }
  const damage = async (): Promise<void> => {
    await using file = await open(dataPath, 'r+')
    await file.write(Buffer.from('damaged'), 0, 7, 2 * pieceLengthBytes + 5)
  }
  await damage()
  await using node = await openTestNode(`${folder.path}/a`)
  await node.seed(communityId, torrent.infoHash)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  await using fetch = await fetchFrom(fetcher, history, [peerOf(node)], {
    limits: { ...patientLimits, stallSeconds: 1 },
  })
  await fetch.range(0, 2 * pieceLengthBytes)
  await expect(fetch.range(2 * pieceLengthBytes, pieceLengthBytes)).rejects.toMatchObject({ name: 'FetchStalledError' })
  expect(fetch.downloadedBytes()).toBe(2 * pieceLengthBytes)
  expect(await node.holds(communityId, torrent.infoHash)).toBe(false)

  // Stored again, it is served again by the torrent that has been in the client all the time.
  await node.store(torrent, history.archives, history.index)
  expect(await node.holds(communityId, torrent.infoHash)).toBe(true)
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
  await fetch.index()
  await fetcher.seed(communityId, torrent.infoHash)

  await node[Symbol.asyncDispose]()
  await damage()
  await using again = await openTestNode(`${folder.path}/a`)
  await again.seed(communityId, torrent.infoHash)
  await using healing = await fetchFrom(again, history, [peerOf(fetcher)])
  await expect(readAll(healing)).rejects.toBeInstanceOf(DamagedPieceError)
  await healing.range(0, healing.dataBytes)
  expect((await readAll(healing)).equals(history.data)).toBe(true)
  expect(healing.downloadedBytes()).toBe(pieceLengthBytes)
})

test('a damaged index is found, and fetched again', async () => {
  await using folder = await testFolder()
  {
    await using node = await openTestNode(`${folder.path}/a`)
    await storeAndSeed(node, history)
  }
  const path = `${folder.path}/a/${communityId}/0/${torrent.infoHash}.index`
  await writeFile(path, Buffer.alloc(history.index.length))
  await using seeder = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, history)
  await using node = await openTestNode(`${folder.path}/a`)
  await using fetch = await fetchFrom(node, history, [peerOf(seeder)])
  expect(Buffer.from(await fetch.index()).equals(history.index)).toBe(true)
  expect((await readFile(path)).equals(history.index)).toBe(true)
})

test('data that was cut is noticed at the start, and only what was cut off is fetched again', async () => {
  await using folder = await testFolder()
  {
    await using node = await openTestNode(`${folder.path}/a`)
    await storeAndSeed(node, history)
  }
  await truncate(`${folder.path}/a/${communityId}/0/data`, 6 * pieceLengthBytes + 17)
  await using seeder = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, history)
  await using node = await openTestNode(`${folder.path}/a`)
  expect(await node.holds(communityId, torrent.infoHash)).toBe(false)
  await using fetch = await fetchFrom(node, history, [peerOf(seeder)])
  await fetch.range(0, fetch.dataBytes)
  expect(fetch.downloadedBytes()).toBe(history.data.length - 6 * pieceLengthBytes)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
})

test('a torn record only costs its piece, and files of no torrent are cleared away', async () => {
  await using folder = await testFolder()
  const lineage = `${folder.path}/a/${communityId}/0`
  {
    await using node = await openTestNode(`${folder.path}/a`)
    await storeAndSeed(node, history)
  }
  const records = await readFile(`${lineage}/pieces`)
  records.fill(0xab, 3 * pieceHashBytes, 4 * pieceHashBytes - 7)
  await writeFile(`${lineage}/pieces`, Buffer.concat([records, Buffer.from('torn')]))
  await writeFile(`${lineage}/${torrent.infoHash}.info`, 'damaged')
  await writeFile(`${lineage}/${'a'.repeat(40)}.index`, 'of a torrent that was forgotten')
  await using node = await openTestNode(`${folder.path}/a`)
  expect(await node.holds(communityId, torrent.infoHash)).toBe(false)
  await expect(stat(`${lineage}/${'a'.repeat(40)}.index`)).rejects.toMatchObject({ code: 'ENOENT' })
  const before = history.reads()
  await storeAndSeed(node, history)
  expect(history.reads()).toBe(before + 1)
  expect((await readFile(`${lineage}/data`)).equals(history.data)).toBe(true)
})
