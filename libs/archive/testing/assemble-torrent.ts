import type { ArchiveEntry } from '../src/index.ts'
import {
  archiveId,
  encodeIndex,
  encodeInfo,
  indexPieceHashes,
  infoHash,
  paddedSizeBytes,
  pieceLengthBytes,
  sha1,
} from '../src/index.ts'

/** An archive without padding, whatever is in it. */
export interface RawArchive {
  /** Unix seconds, [from, to). */
  readonly from: number
  readonly to: number
  readonly encoded: Uint8Array
}

export interface AssembledTorrent {
  readonly entries: readonly ArchiveEntry[]
  readonly data: Uint8Array
  readonly index: Uint8Array
  readonly infoBytes: Uint8Array
  readonly infoHash: string
}

/** A community's torrent out of archives; `changeIndex` has the last word about its index. */
export function assembleTorrent(
  communityId: string,
  raws: readonly RawArchive[],
  changeIndex: (entries: readonly ArchiveEntry[]) => Uint8Array = encodeIndex,
): AssembledTorrent {
  const entries: ArchiveEntry[] = []
  const parts: Uint8Array[] = []
  for (const { from, to, encoded } of raws) {
    const sizeBytes = paddedSizeBytes(encoded.length)
    const last = entries.at(-1)
    const offsetBytes = last === undefined ? 0 : last.offsetBytes + last.sizeBytes
    const paddingBytes = sizeBytes - encoded.length
    const unnamed = { from, to, contentTopics: [], offsetBytes, sizeBytes, paddingBytes }
    entries.push({ id: archiveId(unnamed), ...unnamed })
    parts.push(encoded, new Uint8Array(paddingBytes))
  }
  const data = new Uint8Array(Buffer.concat(parts))
  const index = changeIndex(entries)
  const dataPieces = Array.from({ length: data.length / pieceLengthBytes }, (_, piece) =>
    sha1(data.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes)),
  )
  const pieces = Buffer.concat([...dataPieces, indexPieceHashes(index, sha1)])
  const infoBytes = encodeInfo({ communityId, dataBytes: data.length, indexBytes: index.length, pieces })
  return { entries, data, index, infoBytes, infoHash: infoHash(infoBytes, sha1) }
}
