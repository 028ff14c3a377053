import { pieceHashBytes, pieceLengthBytes } from './pieces.ts'
import type { Sha1 } from './sha1.ts'

/**
 * 20 bytes for each piece of an index file. It starts at a piece of its own, as `data` ends with one, so a torrent's
 * pieces are those of all its archives followed by these.
 */
export function indexPieceHashes(index: Uint8Array, sha1: Sha1): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(index.length / pieceLengthBytes) * pieceHashBytes)
  for (let start = 0, at = 0; start < index.length; start += pieceLengthBytes, at += pieceHashBytes)
    hashes.set(sha1(index.subarray(start, start + pieceLengthBytes)), at)
  return hashes
}
