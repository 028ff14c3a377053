import { pieceLengthBytes } from '@annals/archive'
import { ArchiveRangeError, PieceMismatchError } from '../errors.ts'
import { pieceHash } from '../torrent-info.ts'
import type { ArchiveBytes } from '../torrent-node.ts'
import type { HeldTorrent } from './held-torrent.ts'

/** Pieces that may wait for the disk at once: they share its syncs, and bound the memory. */
const maxWaiting = 16

export interface StoreContext {
  readonly sha1: (bytes: Uint8Array) => Uint8Array
  readonly signal: AbortSignal
}

/**
 * Brings those pieces of an archive that the folder lacks; reads nothing if there are none. Zeros are put behind the
 * archive's bytes up to its size. Memory is bounded by some pieces.
 * @throws PieceMismatchError, ArchiveRangeError, DiskError, the signal's reason
 */
export async function storeArchive(held: HeldTorrent, archive: ArchiveBytes, context: StoreContext): Promise<void> {
  const { offsetBytes, sizeBytes } = archive
  const { info } = held
  const first = offsetBytes / pieceLengthBytes
  const end = (offsetBytes + sizeBytes) / pieceLengthBytes
  const refuse = (reason: string): ArchiveRangeError =>
    new ArchiveRangeError(info.communityId, info.infoHash, offsetBytes, sizeBytes, reason)
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end) || first < 0 || end <= first) {
    throw refuse(`an archive must take whole pieces of ${pieceLengthBytes}`)
  }
  if (end > info.dataPieces) throw refuse(`the archive goes beyond the torrent's data of ${info.dataBytes} bytes`)
  const missing = new Set(held.missing(first, end))
  if (missing.size === 0) return
  const waiting = new Set<Promise<void>>()
  let failure: unknown
  let piece = first
  try {
    for await (const bytes of wholePieces(archive, refuse)) {
      context.signal.throwIfAborted()
      if (failure !== undefined) throw failure
      if (missing.has(piece)) {
        if (Buffer.compare(context.sha1(bytes), pieceHash(info.pieceHashes, piece)) !== 0) {
          throw new PieceMismatchError(info.communityId, info.infoHash, piece, offsetBytes)
        }
        const written = held
          .write(piece, bytes)
          .catch((error: unknown) => {
            failure ??= error
          })
          .finally(() => waiting.delete(written))
        waiting.add(written)
        if (waiting.size >= maxWaiting) await Promise.race(waiting)
      }
      piece += 1
    }
  } finally {
    await Promise.all(waiting)
  }
  if (failure !== undefined) throw failure
}

/** An archive cut into pieces, each in memory of its own, with zeros at the end. */
async function* wholePieces(archive: ArchiveBytes, refuse: (reason: string) => Error): AsyncGenerator<Uint8Array> {
  let piece = Buffer.alloc(pieceLengthBytes)
  let filled = 0
  let rest = archive.sizeBytes
  for await (const chunk of archive.read()) {
    if (chunk.length > rest - filled) throw refuse('more bytes were handed over than the archive has')
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + pieceLengthBytes - filled)
      piece.set(part, filled)
      at += part.length
      filled += part.length
      if (filled < pieceLengthBytes) break
      yield piece
      piece = Buffer.alloc(pieceLengthBytes)
      rest -= filled
      filled = 0
    }
  }
  for (; rest > 0; rest -= pieceLengthBytes) {
    yield piece
    piece = Buffer.alloc(pieceLengthBytes)
  }
}
