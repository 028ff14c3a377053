import { decodeBencode, encodeBencode, RawBencode, type Bencoded } from './bencode.ts'
import { plainBytes } from './plain-bytes.ts'
import { TorrentFileError } from './torrent-errors.ts'

/** A `.torrent` file's content. */
export interface TorrentFile {
  /** The bencoded info dictionary, as it stands in the file: see `decodeInfo`. */
  readonly infoBytes: Uint8Array
  readonly trackers: readonly string[]
  /** status-go puts the user's uncompressed public key here, in hex. */
  readonly createdBy?: string | undefined
  /** Unix seconds. */
  readonly creationDate?: number | undefined
}

const maxTrackers = 100
const maxTextBytes = 2_048
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A `.torrent` file as status-go writes it: one tracker a tier (formats §3). */
export function encodeTorrentFile({ infoBytes, trackers, createdBy, creationDate }: TorrentFile): Uint8Array {
  return encodeBencode({
    ...(trackers.length === 0 ? {} : { 'announce-list': trackers.map((tracker) => [tracker]) }),
    ...(createdBy === undefined ? {} : { 'created by': createdBy }),
    ...(creationDate === undefined ? {} : { 'creation date': creationDate }),
    info: new RawBencode(infoBytes),
  })
}

/**
 * Reads a `.torrent` file from outside. Trackers of all tiers come in order, each once; keys that are not known are
 * skipped. The info dictionary is only found, not read, and is a view of the bytes.
 * @throws BencodeError, TorrentFileError
 */
export function decodeTorrentFile(file: Uint8Array): TorrentFile {
  const bytes = plainBytes(file)
  const { value, spans } = decodeBencode(bytes)
  if (!(value instanceof Map)) throw new TorrentFileError('file', 'must be a dictionary')
  const info = spans.get('info')
  if (info === undefined || !(value.get('info') instanceof Map))
    throw new TorrentFileError('info', 'must be a dictionary')
  const createdBy = value.get('created by')
  const creationDate = value.get('creation date')
  if (creationDate !== undefined && typeof creationDate !== 'number')
    throw new TorrentFileError('creation date', 'must be a number')
  return {
    infoBytes: bytes.subarray(info.start, info.end),
    trackers: readTrackers(value.get('announce-list'), value.get('announce')),
    createdBy: createdBy === undefined ? undefined : text(createdBy, 'created by'),
    creationDate,
  }
}

function readTrackers(tiers: Bencoded | undefined, single: Bencoded | undefined): string[] {
  const trackers = new Set<string>()
  if (tiers !== undefined) {
    if (!Array.isArray(tiers)) throw new TorrentFileError('announce-list', 'must be a list of lists')
    for (const tier of tiers) {
      if (!Array.isArray(tier)) throw new TorrentFileError('announce-list', 'must be a list of lists')
      for (const tracker of tier) trackers.add(text(tracker, 'announce-list'))
    }
  }
  if (trackers.size === 0 && single !== undefined) trackers.add(text(single, 'announce'))
  if (trackers.size > maxTrackers) throw new TorrentFileError('announce-list', `has more than ${maxTrackers} trackers`)
  return [...trackers]
}

function text(value: Bencoded, field: string): string {
  if (!(value instanceof Uint8Array)) throw new TorrentFileError(field, 'must be a text')
  if (value.length > maxTextBytes) throw new TorrentFileError(field, `is longer than ${maxTextBytes} bytes`)
  try {
    return utf8.decode(value)
  } catch {
    throw new TorrentFileError(field, 'is not UTF-8')
  }
}
