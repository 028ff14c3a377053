import { LimitError } from './errors.ts'
import { wireBytes, wireVarint, type WireReader } from './wire-reader.ts'
import { varintBytes, type WireWriter } from './wire-writer.ts'

/** What an archive says of itself: [from, to) in Unix seconds, and the content topics it was made for. */
export interface ArchiveMetadata {
  readonly from: number
  readonly to: number
  /** In the order they were given; the order goes into the archive's id. */
  readonly contentTopics: readonly Uint8Array[]
}

/** Content topics of one archive, or different ones of one index, that are taken from outside. */
export const maxContentTopics = 65_536

export function metadataBytes(metadata: ArchiveMetadata): number {
  const { from, to, contentTopics } = metadata
  const times = (from === 0 ? 0 : 1 + varintBytes(from)) + (to === 0 ? 0 : 1 + varintBytes(to))
  return contentTopics.reduce((sum, topic) => sum + 1 + varintBytes(topic.length) + topic.length, times)
}

/** Appends an embedded `WakuMessageArchiveMetadata` as field 2, which it is wherever it stands. */
export function encodeMetadata(writer: WireWriter, metadata: ArchiveMetadata): void {
  const { from, to, contentTopics } = metadata
  const sizeBytes = metadataBytes(metadata)
  writer.reserve(sizeBytes + 10)
  writer.tag(0x12)
  writer.varint(sizeBytes)
  if (from !== 0) {
    writer.tag(0x10)
    writer.varint(from)
  }
  if (to !== 0) {
    writer.tag(0x18)
    writer.varint(to)
  }
  for (const topic of contentTopics) {
    writer.tag(0x22)
    writer.varint(topic.length)
    writer.raw(topic)
  }
}

/** What is gathered while reading; an embedded message that comes twice is merged, as proto3 wants. */
export interface ReadMetadata {
  from: number
  to: number
  contentTopics: Uint8Array[]
}

/** Reads an embedded metadata message; `keepTopic` says what to keep of a view of a topic. */
export function decodeMetadata(
  reader: WireReader,
  into: ReadMetadata,
  keepTopic: (view: Uint8Array) => Uint8Array,
): void {
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === ((2 << 3) | wireVarint)) into.from = reader.varint()
    else if (tag === ((3 << 3) | wireVarint)) into.to = reader.varint()
    else if (tag === ((4 << 3) | wireBytes)) {
      if (into.contentTopics.length === maxContentTopics)
        throw new LimitError('content topics of an archive', maxContentTopics, maxContentTopics + 1)
      into.contentTopics.push(keepTopic(reader.view()))
    } else reader.skip(tag)
  }
}
