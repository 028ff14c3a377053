import { pieceLengthBytes } from '@annals/archive'
import { ArchiveRangeError } from '../errors.ts'
import type { TorrentInfo } from '../torrent-info.ts'
import type { DataRange } from './stranger.ts'

/** The whole index, then one piece at random of each sample. @throws ArchiveRangeError */
export function wantedPieces(info: TorrentInfo, samples: readonly DataRange[]): [index: number[], data: number[]] {
  const indexPieces = info.pieceCount - info.dataPieces
  const index = Array.from({ length: indexPieces }, (_, at) => info.dataPieces + at)
  return [index, [...new Set(samples.map((sample) => pieceOf(info, sample)))]]
}

/** A piece at random. @throws ArchiveRangeError */
export function pieceOf(info: TorrentInfo, { offsetBytes, sizeBytes }: DataRange): number {
  const first = offsetBytes / pieceLengthBytes
  const count = sizeBytes / pieceLengthBytes
  const isRange = Number.isSafeInteger(first) && Number.isSafeInteger(count) && first >= 0 && count > 0
  if (isRange && first + count <= info.dataPieces) return first + Math.floor(Math.random() * count)
  const reason = `must be a range of whole pieces of ${pieceLengthBytes} in data of ${info.dataBytes} bytes`
  throw new ArchiveRangeError(info.communityId, info.infoHash, offsetBytes, sizeBytes, reason)
}
