import { decodeMetadata, type ArchiveMetadata, type ReadMetadata } from './archive-metadata.ts'
import { decodeMessage } from './decode-message.ts'
import { ArchiveError, EncryptedError, LimitError, MissingMetadataError } from './errors.ts'
import { plainBytes } from './plain-bytes.ts'
import { maxArchiveMessages, maxEncodedArchiveBytes } from './seal-archives.ts'
import { wireBytes, WireReader } from './wire-reader.ts'
import type { WakuMessage } from './waku-message.ts'

const what = 'archive'
const metadataTag = (2 << 3) | wireBytes
const messageTag = (3 << 3) | wireBytes
const encryptedTag = (101 << 3) | wireBytes

/** Small enough to be forgotten soon, large enough that making the copies costs little. */
const copiedBytes = 65_536

/** One is there; more would be merged, by the rules of protobuf. */
const maxMetadataParts = 16

/** A message that cannot be read or that no archive should hold; those after it are read all the same. */
export interface RejectedMessage {
  /** Without `copy`, byte positions in it count from the archive's start. */
  readonly rejected: ArchiveError
  /** Its place among the archive's messages, from 0. */
  readonly position: number
}

export interface DecodedArchive {
  readonly metadata: ArchiveMetadata
  /** How many messages follow, readable or not. */
  readonly messageCount: number
  /** Reads the messages one by one, in the archive's order; each call starts anew. */
  messages(): Iterable<WakuMessage | RejectedMessage>
}

export interface DecodeArchiveOptions {
  /**
   * Gives messages bytes apart from the archive's; only neighbours share some, 64 KiB at most. Without it a message's
   * byte strings are views of the archive's bytes: they keep all of them in memory, and change with them.
   */
  readonly copy?: boolean
}

/**
 * Reads an archive: its bytes without padding. Its frame is checked at once, to the last byte, so an archive that is
 * cut off anywhere gives an error and no messages. One without messages is fine.
 * @throws TruncatedError, MalformedWireError, MissingMetadataError, EncryptedError, LimitError, UnsafeIntegerError
 */
export function decodeArchive(archive: Uint8Array, options: DecodeArchiveOptions = {}): DecodedArchive {
  const bytes = plainBytes(archive)
  if (bytes.length > maxEncodedArchiveBytes)
    throw new LimitError('bytes of an archive', maxEncodedArchiveBytes, bytes.length)
  const reader = new WireReader(bytes, what)
  const metadataAt: { from: number; to: number }[] = []
  let messageCount = 0
  let encrypted = false
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === messageTag) {
      reader.position = reader.bytesEnd()
      if (++messageCount > maxArchiveMessages)
        throw new LimitError('messages of an archive', maxArchiveMessages, messageCount)
    } else if (tag === metadataTag) {
      const to = reader.bytesEnd()
      metadataAt.push({ from: reader.position, to })
      if (metadataAt.length > maxMetadataParts)
        throw new LimitError('metadata fields of an archive', maxMetadataParts, metadataAt.length)
      reader.position = to
    } else {
      encrypted ||= tag === encryptedTag
      reader.skip(tag)
    }
  }
  // By its structure, not by whether it happens to parse: some encrypted archives look like plain, empty ones.
  if (encrypted) throw new EncryptedError(what)
  if (metadataAt.length === 0) throw new MissingMetadataError(what)
  const metadata: ReadMetadata = { from: 0, to: 0, contentTopics: [] }
  for (const { from, to } of metadataAt)
    decodeMetadata(new WireReader(bytes, what, from, to), metadata, (view) => view.slice())
  return { metadata, messageCount, messages: () => readMessages(bytes, options.copy ?? false) }
}

function* readMessages(bytes: Uint8Array, copy: boolean): Generator<WakuMessage | RejectedMessage, void, undefined> {
  const reader = new WireReader(bytes, what)
  let position = 0
  // What messages are read from: all of the archive, or a copy of a part of it, which begins at `from`.
  let part = copy ? bytes.subarray(0, 0) : bytes
  let from = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag !== messageTag) {
      reader.skip(tag)
      continue
    }
    const end = reader.bytesEnd()
    const start = reader.position
    if (end > from + part.length) {
      part = bytes.slice(start, Math.max(end, start + copiedBytes))
      from = start
    }
    reader.position = end
    try {
      yield decodeMessage(new WireReader(part, 'message', start - from, end - from))
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error
      yield { rejected: error, position }
    }
    position++
  }
}
