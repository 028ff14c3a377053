import { bytesToHex } from '@noble/hashes/utils.js'
import { decodeBencode, encodeBencode, type Bencoded, type BencodedDict } from './bencode.ts'
import { isCommunityIdText } from './community-id.ts'
import { pieceHashBytes, pieceLengthBytes } from './pieces.ts'
import { plainBytes } from './plain-bytes.ts'
import type { Sha1 } from './sha1.ts'
import { TorrentInfoError, type TorrentInfoField } from './torrent-errors.ts'

/** What an archive torrent's info dictionary says. */
export interface TorrentInfoFields {
  readonly communityId: string
  /** Length of `data`: a multiple of the piece length. */
  readonly dataBytes: number
  readonly indexBytes: number
  /** 20 bytes a piece: all of `data`, then those of the index. */
  readonly pieces: Uint8Array
}

export interface TorrentInfo extends TorrentInfoFields {
  /** The bencoded dictionary; its SHA-1 is the info hash. */
  readonly infoBytes: Uint8Array
}

export interface InfoLimits {
  readonly maxDataBytes: number
  readonly maxIndexBytes: number
}

/** 1 TiB of messages, and an index of some 500,000 archives. */
export const defaultInfoLimits: InfoLimits = { maxDataBytes: 2 ** 40, maxIndexBytes: 2 ** 26 }

/**
 * The bencoded info dictionary of a community's torrent (formats §3): two files, `data` and `index`, no `private`.
 * @throws TorrentInfoError for fields that make no archive torrent
 */
export function encodeInfo(fields: TorrentInfoFields): Uint8Array {
  checkFields(fields, { maxDataBytes: Number.MAX_SAFE_INTEGER, maxIndexBytes: Number.MAX_SAFE_INTEGER })
  return bencodeInfo(fields)
}

/** The info hash of an info dictionary: 40 lower-case hex digits. */
export function infoHash(infoBytes: Uint8Array, sha1: Sha1): string {
  return bytesToHex(sha1(infoBytes))
}

/**
 * Reads an info dictionary from outside. It must have exactly the shape that `encodeInfo` gives: nothing in it can name
 * a path, since the only name it has is a community id. `pieces` is a view of the bytes.
 * @throws BencodeError, TorrentInfoError
 */
export function decodeInfo(bytes: Uint8Array, limits: InfoLimits = defaultInfoLimits): TorrentInfo {
  const infoBytes = plainBytes(bytes)
  const info = dict(decodeBencode(infoBytes).value, 'info')
  if (info.get('piece length') !== pieceLengthBytes)
    throw new TorrentInfoError('piece length', `must be ${pieceLengthBytes}`)
  const files = info.get('files')
  if (!Array.isArray(files) || files.length !== 2) throw new TorrentInfoError('files', 'must be data and index')
  const fields = {
    communityId: text(info.get('name'), 'name'),
    dataBytes: fileLength(files[0], 'data'),
    indexBytes: fileLength(files[1], 'index'),
    pieces: string(info.get('pieces'), 'pieces'),
  }
  checkFields(fields, limits)
  // The last word: what is left to differ is a key that does not belong here.
  if (!equal(bencodeInfo(fields), infoBytes)) throw new TorrentInfoError('info', 'has keys that it must not have')
  return { ...fields, infoBytes }
}

function bencodeInfo({ communityId, dataBytes, indexBytes, pieces }: TorrentInfoFields): Uint8Array {
  return encodeBencode({
    files: [
      { length: dataBytes, path: ['data'] },
      { length: indexBytes, path: ['index'] },
    ],
    name: communityId,
    'piece length': pieceLengthBytes,
    pieces,
  })
}

function checkFields({ communityId, dataBytes, indexBytes, pieces }: TorrentInfoFields, limits: InfoLimits): void {
  if (!isCommunityIdText(communityId)) throw new TorrentInfoError('name', 'must be a community id')
  if (!isLength(dataBytes) || dataBytes % pieceLengthBytes !== 0)
    throw new TorrentInfoError('data length', `must be a multiple of ${pieceLengthBytes}, not ${dataBytes}`)
  if (!isLength(indexBytes)) throw new TorrentInfoError('index length', `must be 1 or more, not ${indexBytes}`)
  if (dataBytes > limits.maxDataBytes)
    throw new TorrentInfoError('data length', `is ${dataBytes}, above the limit of ${limits.maxDataBytes}`)
  if (indexBytes > limits.maxIndexBytes)
    throw new TorrentInfoError('index length', `is ${indexBytes}, above the limit of ${limits.maxIndexBytes}`)
  const pieceCount = dataBytes / pieceLengthBytes + Math.ceil(indexBytes / pieceLengthBytes)
  if (pieces.length !== pieceCount * pieceHashBytes)
    throw new TorrentInfoError('pieces', `must be ${pieceCount} hashes, but have ${pieces.length} bytes`)
}

function isLength(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

function fileLength(file: Bencoded | undefined, name: 'data' | 'index'): number {
  const fields = dict(file, 'files')
  const path = fields.get('path')
  if (!Array.isArray(path) || path.length !== 1 || text(path[0], 'files') !== name)
    throw new TorrentInfoError('files', `must be data and index in this order, ${name} is not in its place`)
  const length = fields.get('length')
  if (typeof length !== 'number') throw new TorrentInfoError(`${name} length`, 'must be a number')
  return length
}

function dict(value: Bencoded | undefined, field: TorrentInfoField): BencodedDict {
  if (value instanceof Map) return value
  throw new TorrentInfoError(field, 'must be a dictionary')
}

function string(value: Bencoded | undefined, field: TorrentInfoField): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TorrentInfoError(field, 'must be a string')
}

/** The texts of an archive torrent are ASCII and short. */
function text(value: Bencoded | undefined, field: TorrentInfoField): string {
  const bytes = string(value, field)
  if (bytes.length > 100) throw new TorrentInfoError(field, 'must not be so long')
  return String.fromCharCode(...bytes)
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
