import { decodeInfo, infoHash as hashInfo, pieceHashBytes, pieceLengthBytes } from '@annals/archive'
import { TorrentMetadataError } from './errors.ts'

/** What the node needs to know of a torrent; made by `readTorrentInfo` only, so it has been checked. */
export interface TorrentInfo {
  readonly communityId: string
  readonly infoHash: string
  /** The bencoded info dictionary. */
  readonly infoBytes: Uint8Array
  /** A multiple of the piece length. */
  readonly dataBytes: number
  readonly indexBytes: number
  /** Pieces of `data`; those of the index follow. */
  readonly dataPieces: number
  readonly pieceCount: number
  /** 20 bytes for each piece. */
  readonly pieceHashes: Uint8Array
}

export interface SizeLimits {
  readonly maxDataBytes: number
  readonly maxIndexBytes: number
}

const anySize: SizeLimits = { maxDataBytes: Number.MAX_SAFE_INTEGER, maxIndexBytes: Number.MAX_SAFE_INTEGER }

/**
 * Reads an info dictionary and checks it: it has the expected hash, is an archive torrent (formats §3), is named as the
 * community, and is no larger than allowed.
 * @throws TorrentMetadataError
 */
export function readTorrentInfo(
  infoBytes: Uint8Array,
  expected: { readonly communityId: string; readonly infoHash: string },
  sha1: (bytes: Uint8Array) => Uint8Array,
  limits: SizeLimits = anySize,
): TorrentInfo {
  const { communityId, infoHash } = expected
  const refuse = (reason: string, cause?: unknown): TorrentMetadataError =>
    new TorrentMetadataError(communityId, infoHash, reason, cause === undefined ? undefined : { cause })
  if (hashInfo(infoBytes, sha1) !== infoHash) throw refuse('the metadata has another hash')
  const info = decode(infoBytes, limits, refuse)
  if (info.communityId !== communityId) throw refuse(`it is one of community ${info.communityId}`)
  const dataPieces = info.dataBytes / pieceLengthBytes
  const pieceCount = info.pieces.length / pieceHashBytes
  for (let piece = 0; piece < pieceCount; piece += 1) {
    // Zeros stand for "not here" in the record of pieces, and no bytes are known that have this hash.
    if (pieceHash(info.pieces, piece).every((byte) => byte === 0)) throw refuse(`the hash of piece ${piece} is zero`)
  }
  const { dataBytes, indexBytes, pieces: pieceHashes } = info
  return { communityId, infoHash, infoBytes, dataBytes, indexBytes, dataPieces, pieceCount, pieceHashes }
}

/** @throws TorrentMetadataError if the torrent's files are larger than allowed */
export function checkSizes(info: TorrentInfo, limits: SizeLimits): void {
  const refuse = (what: string, found: number, limit: number): TorrentMetadataError =>
    new TorrentMetadataError(info.communityId, info.infoHash, `its ${what} of ${found} bytes is over ${limit} bytes`)
  if (info.dataBytes > limits.maxDataBytes) throw refuse('data', info.dataBytes, limits.maxDataBytes)
  if (info.indexBytes > limits.maxIndexBytes) throw refuse('index', info.indexBytes, limits.maxIndexBytes)
}

/** The hash of one piece of the torrent. */
export function pieceHash(pieceHashes: Uint8Array, piece: number): Uint8Array {
  return pieceHashes.subarray(piece * pieceHashBytes, (piece + 1) * pieceHashBytes)
}

/** Only the very last piece, the index's, can be shorter than the others. */
export function pieceSizeBytes(info: TorrentInfo, piece: number): number {
  const end = info.dataBytes + info.indexBytes
  return Math.min(pieceLengthBytes, end - piece * pieceLengthBytes)
}

function decode(
  infoBytes: Uint8Array,
  limits: SizeLimits,
  refuse: (reason: string, cause: unknown) => Error,
): ReturnType<typeof decodeInfo> {
  try {
    return decodeInfo(infoBytes, limits)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error)
  }
}
