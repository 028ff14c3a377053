import { mkdir } from 'node:fs/promises'
import { pieceLengthBytes } from '@annals/archive'
import { describe, expect, test } from 'vitest'
import { makeHistory } from '../testing/make-history.ts'
import {
  fetchFrom,
  openTestNode,
  patientLimits,
  peerOf,
  readAll,
  storeAndSeed,
  testFolder,
} from '../testing/open-nodes.ts'
import type { Request } from '../testing/scripted-peer.ts'
import { startScriptedPeer } from '../testing/scripted-peer.ts'
import { ArchiveRangeError, DiskError, FetchAbortedError, NotHeldError } from './errors.ts'

const history = makeHistory({ rawSizes: [250_000, 90_000], indexBytes: 20_000 })
const { infoHash, infoBytes } = history.torrent
const pieces = 5
const content = Buffer.concat([history.data, history.index])
const hurried = { ...patientLimits, metadataSeconds: 0.3, stallSeconds: 0.5 }

const honestBlock = ({ piece, offsetBytes, sizeBytes }: Request): Uint8Array => {
  const start = piece * pieceLengthBytes + offsetBytes
  return content.subarray(start, start + sizeBytes)
}

const badBlock = ({ sizeBytes }: Request): Uint8Array => Buffer.alloc(sizeBytes, 1)

describe('a fetch ends in bounded time', () => {
  test('without any peer, for want of metadata', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await expect(fetchFrom(node, history, [], { limits: hurried })).rejects.toMatchObject({
      name: 'FetchStalledError',
      step: 'metadata',
      peers: 0,
      downloadedBytes: 0,
      infoHash,
    })
  })

  test('with a peer that has no metadata', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await using peer = await startScriptedPeer({ infoHash })
    await expect(fetchFrom(node, history, [peer.address], { limits: hurried })).rejects.toMatchObject({
      name: 'FetchStalledError',
      step: 'metadata',
    })
    expect(peer.connections()).toBeGreaterThanOrEqual(2)
  })

  test('with a peer whose metadata is of another torrent', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await using peer = await startScriptedPeer({ infoHash, infoBytes: Buffer.from(infoBytes).reverse() })
    await expect(fetchFrom(node, history, [peer.address], { limits: hurried })).rejects.toMatchObject({
      name: 'FetchStalledError',
      step: 'metadata',
    })
  })

  test('with a peer that never answers a request, for want of the index and of data', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces })
    await using fetch = await fetchFrom(node, history, [peer.address], { limits: hurried })
    await expect(fetch.index()).rejects.toMatchObject({ name: 'FetchStalledError', step: 'index', peers: 1 })
    await expect(fetch.range(0, pieceLengthBytes)).rejects.toMatchObject({ name: 'FetchStalledError', step: 'data' })
    expect(fetch.downloadedBytes()).toBe(0)
  })

  test('with a peer that only lies, and nothing of it is kept', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces, block: badBlock })
    await using fetch = await fetchFrom(node, history, [peer.address], { limits: hurried })
    await expect(fetch.range(0, fetch.dataBytes)).rejects.toMatchObject({ name: 'FetchStalledError', step: 'data' })
    expect(fetch.downloadedBytes()).toBeGreaterThanOrEqual(pieceLengthBytes)
    await expect(fetch.read(0, pieceLengthBytes)[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(NotHeldError)
  })

  test('with a peer that sends the same good block for ever', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await using flood = await startScriptedPeer({
      infoHash,
      infoBytes,
      pieces,
      greet: (send, socket) => {
        const timer = setInterval(() => send(7, Buffer.alloc(8), content.subarray(0, 16_384)), 20)
        socket.on('close', () => clearInterval(timer))
      },
    })
    await using fetch = await fetchFrom(node, history, [flood.address], { limits: hurried })
    await expect(fetch.range(0, pieceLengthBytes)).rejects.toMatchObject({ name: 'FetchStalledError', step: 'data' })
  })

  test('when its signal aborts, be it for metadata, for data, or before it begins', async () => {
    await using folder = await testFolder()
    await using node = await openTestNode(folder.path)
    await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces })
    await expect(fetchFrom(node, history, [], { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      FetchAbortedError,
    )
    const early = new AbortController()
    const both = [1, 2].map(() =>
      expect(fetchFrom(node, history, [], { signal: early.signal })).rejects.toBeInstanceOf(FetchAbortedError),
    )
    early.abort()
    await Promise.all(both)
    const late = new AbortController()
    await using fetch = await fetchFrom(node, history, [peer.address], { signal: late.signal })
    const range = fetch.range(0, pieceLengthBytes)
    setImmediate(() => late.abort())
    await expect(range).rejects.toBeInstanceOf(FetchAbortedError)
    await expect(fetch.index()).rejects.toBeInstanceOf(FetchAbortedError)
  })

  test('when the torrent is unseeded, the community deleted, or the node closed', async () => {
    await using folder = await testFolder()
    await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces })
    const node = await openTestNode(folder.path)
    for (const end of [
      () => node.unseed(history.communityId, infoHash),
      () => node.deleteCommunity(history.communityId),
      () => node[Symbol.asyncDispose](),
    ]) {
      await using fetch = await fetchFrom(node, history, [peer.address])
      const range = fetch.range(0, pieceLengthBytes)
      await Promise.all([expect(range).rejects.toBeInstanceOf(FetchAbortedError), end()])
    }
  })
})

test('one honest peer is enough beside one that lies', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using node = await openTestNode(`${folder.path}/b`)
  const long = makeHistory({ rawSizes: [3_000_000], indexBytes: 20_000 })
  await storeAndSeed(seeder, long)
  const { infoHash, infoBytes } = long.torrent
  await using liar = await startScriptedPeer({ infoHash, infoBytes, pieces: 31, block: badBlock })
  await using fetch = await fetchFrom(node, long, [liar.address, peerOf(seeder)])
  await fetch.index()
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(long.data)).toBe(true)
})

test('nothing is asked for that nobody wants, not even what a peer offers unasked', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  const all = Array.from({ length: pieces }, (_, piece) => piece)
  const script = { infoHash, infoBytes, pieces, allowedFast: all, block: honestBlock }
  await using choking = await startScriptedPeer({ ...script, unchokes: false })
  await using open = await startScriptedPeer(script)
  await using fetch = await fetchFrom(node, history, [choking.address, open.address])
  await fetch.index()
  await fetch.range(pieceLengthBytes, pieceLengthBytes)
  const asked = new Set([...choking.requests, ...open.requests].map(({ piece }) => piece))
  expect(asked).toEqual(new Set([1, 4]))
  // Blocks that one peer is slow with may have been asked of the other one as well.
  expect(fetch.downloadedBytes()).toBeGreaterThanOrEqual(pieceLengthBytes + history.index.length)
})

test('a range that is not of whole pieces of the data is refused', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  await storeAndSeed(node, history)
  await using fetch = await fetchFrom(node, history, [])
  for (const [offset, size] of [
    [1, pieceLengthBytes],
    [0, 1],
    [0, 0],
    [-pieceLengthBytes, pieceLengthBytes],
    [0, history.data.length + pieceLengthBytes],
    [Number.NaN, pieceLengthBytes],
    [0, Number.MAX_SAFE_INTEGER],
  ] as const) {
    await expect(fetch.range(offset, size)).rejects.toBeInstanceOf(ArchiveRangeError)
  }
})

test('a disk that takes nothing is said to be the cause', async () => {
  await using folder = await testFolder()
  // Where the data belongs stands a folder.
  await mkdir(`${folder.path}/b/${history.communityId}/0/data`, { recursive: true })
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using node = await openTestNode(`${folder.path}/b`)
  await storeAndSeed(seeder, history)
  await using fetch = await fetchFrom(node, history, [peerOf(seeder)])
  await expect(fetch.range(0, fetch.dataBytes)).rejects.toBeInstanceOf(DiskError)
  await expect(node.store(history.torrent, history.archives, history.index)).rejects.toBeInstanceOf(DiskError)
})
