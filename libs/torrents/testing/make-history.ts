import { createHash, hash } from 'node:crypto'
import {
  encodeInfo,
  encodeMagnetLink,
  indexPieceHashes,
  infoHash,
  paddedSizeBytes,
  pieceLengthBytes,
} from '@annals/archive'
import type { ArchiveBytes, StoredTorrent } from '../src/index.ts'

export const sha1 = (bytes: Uint8Array): Uint8Array => hash('sha1', bytes, 'buffer')

/** A community id for each number. */
export function communityIdOf(number: number): string {
  return `0x02${createHash('sha256').update(`community ${number}`).digest('hex')}`
}

/** Bytes that are the same for the same text, and look random. */
export function bytesOf(text: string, sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update(text).digest()
}

export interface History {
  readonly communityId: string
  readonly torrent: StoredTorrent
  readonly archives: readonly ArchiveBytes[]
  readonly data: Buffer
  readonly index: Buffer
  magnetLink(options?: { readonly trackers?: readonly string[]; readonly peers?: readonly string[] }): string
  /** How often the bytes of the archives were asked for. */
  reads(): number
}

export interface HistoryOptions {
  readonly community?: number
  /** Bytes of each archive before padding. */
  readonly rawSizes: readonly number[]
  readonly indexBytes?: number
  /** Another text makes other archives from the given one on. */
  readonly variant?: { readonly text: string; readonly fromArchive: number }
  readonly trackers?: readonly string[]
}

/** A community's archives, index and torrent, without any real message in them. */
export function makeHistory(options: HistoryOptions): History {
  const { community = 1, rawSizes, indexBytes = 300, variant, trackers = [] } = options
  const communityId = communityIdOf(community)
  let reads = 0
  const parts: Buffer[] = []
  const archives = rawSizes.map((rawBytes, i): ArchiveBytes => {
    const text = variant && i >= variant.fromArchive ? variant.text : 'archive'
    const raw = bytesOf(`${text} ${i} of ${community}`, rawBytes)
    const sizeBytes = paddedSizeBytes(rawBytes)
    const offsetBytes = parts.reduce((sum, part) => sum + part.length, 0)
    parts.push(Buffer.concat([raw, Buffer.alloc(sizeBytes - rawBytes)]))
    return {
      offsetBytes,
      sizeBytes,
      read: async function* () {
        reads += 1
        for (let at = 0; at < raw.length; at += 70_000) yield raw.subarray(at, at + 70_000)
      },
    }
  })
  const data = Buffer.concat(parts)
  const index = bytesOf(`index of ${rawSizes.join()} ${variant?.text ?? ''} ${community}`, indexBytes)
  const pieces = Buffer.concat([piecesOf(data), indexPieceHashes(index, sha1)])
  const infoBytes = encodeInfo({ communityId, dataBytes: data.length, indexBytes, pieces })
  const torrent = { communityId, infoHash: infoHash(infoBytes, sha1), infoBytes, trackers }
  return {
    communityId,
    torrent,
    archives,
    data,
    index,
    magnetLink: ({ peers = [], ...other } = {}) =>
      encodeMagnetLink({ communityId, infoHash: torrent.infoHash, trackers: other.trackers ?? trackers, peers }),
    reads: () => reads,
  }
}

export function piecesOf(data: Uint8Array): Buffer {
  const hashes: Uint8Array[] = []
  for (let at = 0; at < data.length; at += pieceLengthBytes) hashes.push(sha1(data.subarray(at, at + pieceLengthBytes)))
  return Buffer.concat(hashes)
}
