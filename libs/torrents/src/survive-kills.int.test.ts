import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pieceHashBytes, pieceLengthBytes } from '@annals/archive'
import { expect, test } from 'vitest'
import { makeHistory, sha1 } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, readAll, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { startChildNode } from '../testing/start-child-node.ts'

const rawSizes = [2_000_000, 90_000, 3_000_000, 2_500_000, 400_000]
const indexBytes = 150_000
const history = makeHistory({ rawSizes, indexBytes })
const { communityId, torrent } = history

/** Pieces recorded in a folder; each of them must really be there. */
async function recordedPieces(folder: string): Promise<number> {
  const lineage = `${folder}/${communityId}/0`
  const [records, data] = await Promise.all([readOrNothing(`${lineage}/pieces`), readOrNothing(`${lineage}/data`)])
  let count = 0
  for (let piece = 0; (piece + 1) * pieceHashBytes <= records.length; piece += 1) {
    const record = records.subarray(piece * pieceHashBytes, (piece + 1) * pieceHashBytes)
    if (record.every((byte) => byte === 0)) continue
    const bytes = data.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes)
    expect(record.equals(sha1(bytes))).toBe(true)
    count += 1
  }
  return count
}

async function readOrNothing(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0))
}

test('a fetch that is killed again and again goes on, and fetches nothing again that was recorded', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await storeAndSeed(seeder, history)
  const path = `${folder.path}/b`
  const args = ['fetch', path, rawSizes.join(), String(indexBytes), peerOf(seeder)]
  const counts: number[] = []
  for (let kills = 0; kills < 12; kills += 1) {
    await using child = startChildNode(...args)
    const progress = randomInt(1, 8)
    await child.until((line) => line.fetchedBytes !== undefined || child.lines.length >= progress)
    await child.kill()
    counts.push(await recordedPieces(path))
  }
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  const before = counts.at(-1)!
  await using child = startChildNode(...args)
  const { fetchedBytes, port } = await child.until((line) => line.fetchedBytes !== undefined)
  const missing = history.data.length - before * pieceLengthBytes
  expect([missing, missing + indexBytes]).toContain(fetchedBytes)

  await using third = await openTestNode(`${folder.path}/c`)
  await using fetch = await fetchFrom(third, history, [`127.0.0.1:${port}`])
  expect(Buffer.from(await fetch.index()).equals(history.index)).toBe(true)
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
})

test('a store that is killed again and again goes on (no index written before data, nothing half written counts), and stores nothing again that was recorded', async () => {
  await using folder = await testFolder()
  const args = ['store', folder.path, rawSizes.join(), String(indexBytes)]
  const counts: number[] = []
  for (let kills = 0; kills < 6; kills += 1) {
    await using child = startChildNode(...args)
    await child.until((line) => line.begun === true)
    const before = await recordedPieces(folder.path)
    // At once, or when it has stored something more.
    const more = randomInt(0, 20)
    const total = history.data.length / pieceLengthBytes
    while ((await recordedPieces(folder.path)) < Math.min(total, before + more)) await new Promise(setImmediate)
    await child.kill()
    counts.push(await recordedPieces(folder.path))
  }
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  await using node = await openTestNode(folder.path)
  const reads = history.reads()
  await storeAndSeed(node, history)
  expect(history.reads() - reads).toBeLessThanOrEqual(rawSizes.length)
  await using fetch = await fetchFrom(node, history, [])
  expect(Buffer.from(await fetch.index()).equals(history.index)).toBe(true)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
  expect(await node.holds(communityId, torrent.infoHash)).toBe(true)
})
