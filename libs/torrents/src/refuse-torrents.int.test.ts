import { readdir } from 'node:fs/promises'
import { encodeMagnetLink, pieceLengthBytes } from '@annals/archive'
import { describe, expect, test } from 'vitest'
import { communityIdOf, makeHistory, sha1 } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, patientLimits, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { startScriptedPeer } from '../testing/scripted-peer.ts'
import { TorrentMetadataError, UnsafeNameError } from './errors.ts'

const communityId = communityIdOf(1)

interface InfoParts {
  readonly name?: string
  readonly files?: readonly (readonly [lengthBytes: number | string, ...path: string[]])[]
  readonly pieceLength?: number
  readonly pieces?: number
  readonly more?: string
}

const text = (value: string): string => `${Buffer.byteLength(value)}:${value}`

/** An info dictionary written by hand, since the archive library writes only right ones. */
function infoOf({
  name = communityId,
  files = [
    [pieceLengthBytes, 'data'],
    [10, 'index'],
  ],
  pieceLength = pieceLengthBytes,
  pieces = 2,
  more = '',
}: InfoParts): Buffer {
  const list = files.map(([length, ...path]) => `d6:lengthi${length}e4:pathl${path.map(text).join('')}ee`).join('')
  return Buffer.concat([
    Buffer.from(`d5:filesl${list}e4:name${text(name)}12:piece lengthi${pieceLength}e6:pieces${pieces * 20}:`),
    Buffer.alloc(pieces * 20, 7),
    Buffer.from(`${more}e`),
  ])
}

const foreign: Record<string, Buffer> = {
  'named as another community': infoOf({ name: communityIdOf(2) }),
  'named as a path': infoOf({ name: '../../escape' }),
  'named as an absolute path': infoOf({ name: '/tmp/escape' }),
  'without a name': infoOf({ name: '' }),
  'with a file elsewhere': infoOf({
    files: [
      [pieceLengthBytes, '..', 'data'],
      [10, 'index'],
    ],
  }),
  'with a third file': infoOf({
    files: [
      [pieceLengthBytes, 'data'],
      [10, 'index'],
      [10, 'evil'],
    ],
    pieces: 2,
  }),
  'with one file': infoOf({ files: [[pieceLengthBytes, 'data']], pieces: 1 }),
  'with its files in the other order': infoOf({
    files: [
      [10, 'index'],
      [pieceLengthBytes, 'data'],
    ],
  }),
  'of another piece length': infoOf({ pieceLength: 16_384 }),
  'of a piece length of zero': infoOf({ pieceLength: 0 }),
  'with more than is allowed': infoOf({
    files: [
      [2 ** 40, 'data'],
      [10, 'index'],
    ],
  }),
  'with a size beyond all numbers': infoOf({
    files: [
      ['9'.repeat(40), 'data'],
      [10, 'index'],
    ],
  }),
  'with a negative size': infoOf({
    files: [
      [-pieceLengthBytes, 'data'],
      [10, 'index'],
    ],
  }),
  'with too few piece hashes': infoOf({ pieces: 1 }),
  'with a key that does not belong': infoOf({ more: '7:privatei1e' }),
  'that is no dictionary': Buffer.from('4:spam'),
  'that is no bencoding': Buffer.from('\xff\xfe spam'),
  'nested a thousand times': Buffer.from(`${'l'.repeat(1000)}${'e'.repeat(1000)}`),
}

describe('metadata that has the right info hash is refused', () => {
  test.for(Object.entries(foreign))('%s', async ([, infoBytes]) => {
    const infoHash = Buffer.from(sha1(infoBytes)).toString('hex')
    await using folder = await testFolder()
    await using node = await openTestNode(`${folder.path}/node`)
    await using peer = await startScriptedPeer({ infoHash, infoBytes, pieces: 2 })
    const magnetLink = encodeMagnetLink({ infoHash, communityId, trackers: [], peers: [peer.address] })
    const request = { communityId, magnetLink, signal: new AbortController().signal, limits: patientLimits }
    await expect(node.fetch(request)).rejects.toMatchObject({ name: 'TorrentMetadataError', communityId, infoHash })
    expect(await readdir(folder.path)).toEqual(['node'])
    expect((await readdir(`${folder.path}/node`)).filter((name) => !name.startsWith('.'))).toEqual([])
    expect(peer.requests).toEqual([])
  })
})

test('a torrent that is larger than this fetch allows is refused, also when it is known', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  const history = makeHistory({ rawSizes: [300_000], indexBytes: 5_000 })
  await storeAndSeed(node, history)
  for (const limits of [
    { ...patientLimits, maxDataBytes: 300_000 },
    { ...patientLimits, maxIndexBytes: 4_999 },
  ]) {
    await expect(fetchFrom(node, history, [], { limits })).rejects.toBeInstanceOf(TorrentMetadataError)
  }
})

test('names that could be paths are refused before anything is touched', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(`${folder.path}/node`)
  const { torrent, archives, index } = makeHistory({ rawSizes: [1_000] })
  const path = '../../escape'
  await expect(node.store({ ...torrent, communityId: path }, archives, index)).rejects.toBeInstanceOf(UnsafeNameError)
  await expect(node.store({ ...torrent, infoHash: path }, archives, index)).rejects.toBeInstanceOf(UnsafeNameError)
  await expect(node.holds(path, torrent.infoHash)).rejects.toBeInstanceOf(UnsafeNameError)
  await expect(node.seed(torrent.communityId, path)).rejects.toBeInstanceOf(UnsafeNameError)
  await expect(node.unseed(path, path)).rejects.toBeInstanceOf(UnsafeNameError)
  await expect(node.deleteCommunity(path)).rejects.toBeInstanceOf(UnsafeNameError)
  expect(await readdir(folder.path)).toEqual(['node'])
})

test('metadata of another info hash or community is not stored', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  const { torrent, archives, index } = makeHistory({ rawSizes: [1_000] })
  const otherHash = { ...torrent, infoHash: '0'.repeat(40) }
  await expect(node.store(otherHash, archives, index)).rejects.toBeInstanceOf(TorrentMetadataError)
  const otherCommunity = { ...torrent, communityId: communityIdOf(9) }
  await expect(node.store(otherCommunity, archives, index)).rejects.toBeInstanceOf(TorrentMetadataError)
})
