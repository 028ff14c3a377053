import { keccak_256 } from '@noble/hashes/sha3.js'
import { decodeMetadata, maxContentTopics, type ReadMetadata } from './archive-metadata.ts'
import type { ArchiveEntry } from './archive-entry.ts'
import {
  ArchiveIdMismatchError,
  InvalidArchiveIdError,
  InvalidContentTopicError,
  InvalidEntryRangeError,
} from './entry-errors.ts'
import { ArchiveError, EncryptedError, LimitError, MalformedWireError, MissingMetadataError } from './errors.ts'
import { toHex } from './hex.ts'
import { plainBytes } from './plain-bytes.ts'
import { wireBytes, WireReader, wireVarint } from './wire-reader.ts'

/** Entries of an index that are taken from outside: with weekly archives, enough for a thousand years. */
export const maxIndexEntries = 65_536

const what = 'index'
const archivesTag = (1 << 3) | wireBytes
const encryptedTag = (101 << 3) | wireBytes

export interface RejectedEntry {
  /** As it stands in the index, cut to 80 characters; empty where it cannot be read. */
  readonly key: string
  readonly reason: ArchiveError
}

export interface DecodedIndex {
  /** In the order of the index, which is free: `checkIndex` sorts. */
  readonly entries: ArchiveEntry[]
  readonly rejected: RejectedEntry[]
}

/**
 * Reads an index file. An entry that cannot be read, or whose key is not the hash of its bytes, is set aside and the
 * others are taken; of two entries with one key the later counts. Offsets and sizes are not checked here but in
 * `checkIndex`. Equal content topics of the result are one object.
 * @throws TruncatedError, MalformedWireError, EncryptedError, LimitError
 */
export function decodeIndex(index: Uint8Array): DecodedIndex {
  const bytes = plainBytes(index)
  const reader = new WireReader(bytes, what)
  const entries = new Map<string, ArchiveEntry>()
  const rejected: RejectedEntry[] = []
  const topics = new TopicPool()
  let count = 0
  let encrypted = false
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== archivesTag) {
      encrypted ||= tag === encryptedTag
      reader.skip(tag)
      continue
    }
    if (++count > maxIndexEntries) throw new LimitError('entries of an index', maxIndexEntries, count)
    const end = reader.bytesEnd()
    const entry = readEntry(new WireReader(bytes, 'index entry', reader.position, end), topics)
    if ('reason' in entry) rejected.push(entry)
    else entries.set(entry.id, entry)
    reader.position = end
  }
  if (encrypted) throw new EncryptedError(what)
  return { entries: [...entries.values()], rejected }
}

function readEntry(reader: WireReader, topics: TopicPool): ArchiveEntry | RejectedEntry {
  let key = ''
  try {
    let value: WireReader | undefined
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === ((1 << 3) | wireBytes)) key = reader.text()
      else if (tag === ((2 << 3) | wireBytes)) {
        // To be merged by the rules; then there would be no bytes that the id is the hash of.
        if (value !== undefined) throw new MalformedWireError(reader.what, reader.position, 'a second value')
        const end = reader.bytesEnd()
        value = new WireReader(reader.bytes, reader.what, reader.position, end)
        reader.position = end
      } else reader.skip(tag)
    }
    if (!/^0x[0-9a-f]{64}$/.test(key)) throw new InvalidArchiveIdError(key.slice(0, 80))
    if (value === undefined) throw new MissingMetadataError(`index entry ${key}`)
    const computed = toHex(keccak_256(value.bytes.subarray(value.position, value.end)))
    if (computed !== key) throw new ArchiveIdMismatchError(key, computed)
    return readValue(key, value, topics)
  } catch (error) {
    if (error instanceof ArchiveError) return { key: key.slice(0, 80), reason: error }
    throw error
  }
}

function readValue(id: string, reader: WireReader, topics: TopicPool): ArchiveEntry {
  let metadata: ReadMetadata | undefined
  let offsetBytes = 0
  let sizeBytes = 0
  let paddingBytes = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ((2 << 3) | wireBytes)) {
      const end = reader.bytesEnd()
      metadata ??= { from: 0, to: 0, contentTopics: [] }
      decodeMetadata(new WireReader(reader.bytes, reader.what, reader.position, end), metadata, topics.keep)
      reader.position = end
    } else if (tag === ((3 << 3) | wireVarint)) offsetBytes = reader.varint()
    else if (tag === ((4 << 3) | wireVarint)) sizeBytes = reader.varint()
    else if (tag === ((5 << 3) | wireVarint)) paddingBytes = reader.varint()
    else reader.skip(tag)
  }
  if (metadata === undefined) throw new MissingMetadataError(`index entry ${id}`)
  const { from, to, contentTopics } = metadata
  if (from >= to) throw new InvalidEntryRangeError(from, to)
  return { id, from, to, contentTopics, offsetBytes, sizeBytes, paddingBytes }
}

/** Keeps one array for each topic: all archives of a community have nearly the same ones. */
class TopicPool {
  readonly #topics = new Map<number, Uint8Array>()

  readonly keep = (view: Uint8Array): Uint8Array => {
    if (view.length !== 4) throw new InvalidContentTopicError(view.length)
    const key = view.reduce((sum, byte) => sum * 256 + byte, 0)
    const known = this.#topics.get(key)
    if (known !== undefined) return known
    if (this.#topics.size === maxContentTopics)
      throw new LimitError('different content topics of an index', maxContentTopics, maxContentTopics + 1)
    const topic = view.slice()
    this.#topics.set(key, topic)
    return topic
  }
}
