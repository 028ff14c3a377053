import { createHash, hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mutations, valueOrError } from '../testing/messages.ts'
import {
  fromHex,
  messagesToSeal,
  readVectorExpected,
  readVectorFiles,
  readVectorInput,
  skipVectors,
  toMessage,
  vectorCases,
  vectorsNote,
  type VectorArchive,
  type VectorExpected,
} from '../testing/vectors.ts'
import {
  archiveId,
  checkIndex,
  decodeArchive,
  decodeIndex,
  decodeInfo,
  decodeMagnetLink,
  decodeTorrentFile,
  EncryptedError,
  encodeIndex,
  encodeInfo,
  encodeMagnetLink,
  encodeTorrentFile,
  indexPieceHashes,
  infoHash,
  sealArchives,
  type ArchiveEntry,
  type Sha1,
  type WakuMessage,
} from './index.ts'

const sha1: Sha1 = (bytes) => hash('sha1', bytes, 'buffer')
const sha256 = (...parts: Uint8Array[]): string => {
  const hasher = createHash('sha256')
  for (const part of parts) hasher.update(part)
  return `0x${hasher.digest('hex')}`
}
const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** All that a control node keeps of old archives: their entries and the hashes of their pieces. */
interface Kept {
  entries: ArchiveEntry[]
  pieceHashes: Uint8Array[]
  dataBytes: number
}

interface Appended {
  readonly raw: {
    readonly sha256: string
    readonly bytes: number
    readonly messages: number
    readonly entry: ArchiveEntry
  }[]
  readonly leftOut: { readonly hash: Uint8Array; readonly sizeBytes: number }[]
}

/** Seals one step, feeding what would be appended to `data` into a hash instead of keeping it. */
async function seal(
  kept: Kept,
  input: {
    readonly messages: readonly WakuMessage[]
    readonly topics: readonly string[]
    readonly from: number
    readonly to: number
    readonly intervalSeconds: number
  },
  append: (bytes: Uint8Array) => void,
): Promise<Appended> {
  const result: Appended = { raw: [], leftOut: [] }
  const half = Math.ceil(input.messages.length / 2)
  const sealed = sealArchives([input.messages.slice(0, half), input.messages.slice(half)], {
    from: input.from,
    to: input.to,
    intervalSeconds: input.intervalSeconds,
    contentTopics: input.topics.map(fromHex),
    offsetBytes: kept.dataBytes,
    sha1,
  })
  for await (const step of sealed) {
    if (step.kind === 'left-out') {
      result.leftOut.push({ hash: step.message.hash, sizeBytes: step.sizeBytes })
      continue
    }
    append(step.encoded)
    append(new Uint8Array(step.entry.paddingBytes))
    kept.entries.push(step.entry)
    kept.pieceHashes.push(step.pieceHashes)
    kept.dataBytes += step.entry.sizeBytes
    result.raw.push({
      sha256: sha256(step.encoded),
      bytes: step.encoded.length,
      messages: step.messages,
      entry: step.entry,
    })
  }
  return result
}

function isOversized(message: WakuMessage): boolean {
  return message.payload.length + message.sig.length > 30_000_000
}

/** What the control node seeds and announces, made of what it keeps. */
function torrentOf(communityId: string, kept: Kept): { readonly index: Uint8Array; readonly infoBytes: Uint8Array } {
  const index = encodeIndex(kept.entries)
  const pieces = Buffer.concat([...kept.pieceHashes, indexPieceHashes(index, sha1)])
  return { index, infoBytes: encodeInfo({ communityId, dataBytes: kept.dataBytes, indexBytes: index.length, pieces }) }
}

/** What the vectors call canonical, made of what the control node keeps. Nothing where there is no archive. */
function canonicalOf(
  communityId: string,
  kept: Kept,
  dataSha256: string,
  trackers: readonly string[],
): Omit<NonNullable<VectorExpected['canonical']>, 'dataDiffersFromStatusGo'> | undefined {
  if (kept.entries.length === 0) return undefined
  const { index, infoBytes } = torrentOf(communityId, kept)
  const infohash = infoHash(infoBytes, sha1)
  const magnet = encodeMagnetLink({ infoHash: infohash, communityId, trackers })
  return { dataSha256: `0x${dataSha256}`, index: toHex(index), infohash, magnet }
}

function canonicalFiles({ canonical }: VectorExpected): ReturnType<typeof canonicalOf> {
  if (canonical === undefined) return undefined
  const { dataSha256, index, infohash, magnet } = canonical
  return { dataSha256, index, infohash, magnet }
}

/** Where status-go's index happened to be in our order, the whole torrent file is equal. */
function expectEqualTorrentFile(kept: Kept, expected: VectorExpected, torrent: Uint8Array | undefined): void {
  if (torrent === undefined || expected.canonical?.infohash !== expected.infohash) return
  const { infoBytes } = torrentOf(expected.communityId, kept)
  const { createdBy, creationDate, announceList } = expected
  const made = encodeTorrentFile({ infoBytes, trackers: announceList.flat(), createdBy, creationDate })
  expect(toHex(made)).toBe(toHex(torrent))
}

type EntryFields = Pick<VectorArchive, 'id' | 'from' | 'to' | 'contentTopics' | 'offset' | 'size' | 'padding'>

function onlyEntry({ id, from, to, contentTopics, offset, size, padding }: VectorArchive): EntryFields {
  return { id, from, to, contentTopics, offset, size, padding }
}

function asVector(entry: ArchiveEntry): EntryFields {
  return {
    id: entry.id,
    from: entry.from,
    to: entry.to,
    contentTopics: entry.contentTopics.map(toHex),
    offset: entry.offsetBytes,
    size: entry.sizeBytes,
    padding: entry.paddingBytes,
  }
}

describe.skipIf(skipVectors)(`archives made of the messages of status-go${vectorsNote}`, () => {
  // f3 holds an archive without messages, which is read but never written; it has its own test below.
  for (const name of vectorCases('plain').filter((name) => name !== 'f3-oversized')) {
    it(`${name}: equals what status-go made, step by step, from the new messages and the old piece hashes`, async () => {
      const input = readVectorInput('plain', name)
      const kept: Kept = { entries: [], pieceHashes: [], dataBytes: 0 }
      const data = createHash('sha256')
      for (const step of input.steps) {
        const expected = readVectorExpected('plain', name, step.name)
        const old = kept.entries.length
        const messages = messagesToSeal(step)
        const { raw, leftOut } = await seal(
          kept,
          {
            messages,
            topics: step.topics,
            from: step.startDate,
            to: step.endDate,
            intervalSeconds: step.partitionSeconds,
          },
          (bytes) => data.update(bytes),
        )
        expect(leftOut.map((m) => m.hash)).toEqual(messages.filter(isOversized).map((m) => m.hash))
        expect(kept.entries.map(asVector)).toEqual(expected.archivesByOffset.map(onlyEntry))
        expect(raw.map(({ bytes, messages }) => ({ bytes, messages }))).toEqual(
          expected.archivesByOffset.slice(old).map(({ rawSize, messages }) => ({ bytes: rawSize, messages })),
        )
        const trackers = expected.announceList.flat()
        expect(canonicalOf(input.communityId, kept, data.copy().digest('hex'), trackers)).toEqual(
          canonicalFiles(expected),
        )
        // Where status-go stored messages of one second in another order than ours, data is the same but for that.
        const same = expected.canonical?.dataDiffersFromStatusGo === false
        expect(raw.map((archive) => same && archive.sha256)).toEqual(
          expected.archivesByOffset.slice(old).map((archive) => same && archive.rawSha256),
        )
        expect(same && sha256(...kept.pieceHashes)).toBe(same && expected.dataPieceHashesSha256)
        expectEqualTorrentFile(kept, expected, readVectorFiles('plain', name, step.name)?.torrent)
      }
    })
  }

  it('f3-oversized: leaves out and names what is too large, and writes no archive without messages', async () => {
    const [step] = readVectorInput('plain', 'f3-oversized').steps
    const expected = readVectorExpected('plain', 'f3-oversized', 'step1')
    const messages = messagesToSeal(step!)
    const { raw, leftOut } = await seal(
      { entries: [], pieceHashes: [], dataBytes: 0 },
      {
        messages,
        topics: step!.topics,
        from: step!.startDate,
        to: step!.endDate,
        intervalSeconds: step!.partitionSeconds,
      },
      () => {},
    )
    const oversized = messages.filter(isOversized)
    expect(oversized).toHaveLength(2)
    expect(leftOut).toEqual(oversized.map((m) => ({ hash: m.hash, sizeBytes: m.payload.length + m.sig.length })))
    const [first, , third] = expected.archivesByOffset
    expect(raw.map((archive) => archive.sha256)).toEqual([first?.rawSha256, third?.rawSha256])
    expect(raw.map(({ entry }) => entry.offsetBytes)).toEqual([0, first?.size])
  })
})

describe.skipIf(skipVectors)(`archives made by status-go${vectorsNote}`, () => {
  for (const name of vectorCases('plain')) {
    it(`${name}: are read with equal entries and messages`, () => {
      const given = new Map<string, WakuMessage>()
      for (const step of readVectorInput('plain', name).steps) {
        for (const message of step.messages) given.set(message.hash, toMessage(message))
        const files = readVectorFiles('plain', name, step.name)
        if (files === undefined) continue
        const { expected, index, data } = files
        const torrent = decodeTorrentFile(files.torrent)
        expect(torrent).toMatchObject({
          trackers: expected.announceList.flat(),
          createdBy: expected.createdBy,
          creationDate: expected.creationDate,
        })
        expect(infoHash(torrent.infoBytes, sha1)).toBe(expected.infohash)
        expect(decodeInfo(torrent.infoBytes)).toMatchObject({
          communityId: expected.communityId,
          dataBytes: expected.dataLength,
          indexBytes: index.length,
        })
        expect(decodeMagnetLink(expected.magnet)).toEqual({
          infoHash: expected.infohash,
          displayName: expected.communityId,
          trackers: expected.announceList.flat(),
          peers: [],
          webSeeds: [],
        })
        const decoded = decodeIndex(index)
        const checked = checkIndex(decoded.entries, expected.dataLength)
        expect([...decoded.rejected, ...checked.rejected]).toEqual([])
        expect(checked.entries.map(asVector)).toEqual(expected.archivesByOffset.map(onlyEntry))
        expect(checked.entries.map(archiveId)).toEqual(checked.entries.map((entry) => entry.id))
        if (data !== undefined) expectMessages(checked.entries, expected.archivesByOffset, data, given)
      }
    })
  }

  for (const name of vectorCases('encrypted')) {
    it(`encrypted/${name}: are known to be encrypted, and not taken for empty ones`, () => {
      for (const step of readVectorInput('encrypted', name).steps) {
        const files = readVectorFiles('encrypted', name, step.name)!
        expect(() => decodeIndex(files.index)).toThrow(EncryptedError)
        for (const { offset, rawSize } of files.expected.archivesByOffset)
          expect(() => decodeArchive(files.data!.subarray(offset, offset + rawSize))).toThrow(EncryptedError)
      }
    })
  }
})

describe.skipIf(skipVectors)(`files of status-go with bytes changed${vectorsNote}`, () => {
  for (const name of ['a-one-small', 'c-append', 'f-boundaries-topics-imports']) {
    it(`${name}: give values or typed errors, and nothing outside data`, () => {
      const { torrent, index, data, expected } = readVectorFiles('plain', name, 'step1')!
      const [first] = expected.archivesByOffset
      const archive = data!.subarray(0, first!.rawSize)
      fc.assert(
        fc.property(mutations(torrent), mutations(index), mutations(archive), (torrent, index, archive) => {
          valueOrError(() => decodeInfo(decodeTorrentFile(torrent).infoBytes))
          const decoded = valueOrError(() => decodeIndex(index))
          const entries = 'entries' in decoded ? decoded.entries : []
          for (const { offsetBytes, sizeBytes } of checkIndex(entries, expected.dataLength).entries)
            expect(offsetBytes + sizeBytes).toBeLessThanOrEqual(expected.dataLength)
          const read = valueOrError(() => [...decodeArchive(archive).messages()])
          expect(Array.isArray(read) ? read.length : 0).toBeLessThanOrEqual(archive.length)
        }),
        { numRuns: 300 },
      )
    })
  }
})

function expectMessages(
  entries: readonly ArchiveEntry[],
  expected: readonly VectorArchive[],
  data: Uint8Array,
  given: ReadonlyMap<string, WakuMessage>,
): void {
  for (const [i, entry] of entries.entries()) {
    const archive = decodeArchive(
      data.subarray(entry.offsetBytes, entry.offsetBytes + entry.sizeBytes - entry.paddingBytes),
    )
    expect(archive.metadata).toEqual({ from: entry.from, to: entry.to, contentTopics: entry.contentTopics })
    expect(archive.messageCount).toBe(expected[i]?.messages)
    const messages = [...archive.messages()].map((message) => {
      if ('rejected' in message) throw message.rejected
      return message
    })
    expect(sha256(...messages.map((message) => message.hash))).toBe(expected[i]?.messageHashesSha256)
    for (const message of messages) expect(message).toEqual(given.get(toHex(message.hash)))
  }
}
