import { keccak_256 } from '@noble/hashes/sha3.js'
import { encodeMetadata, metadataBytes, type ArchiveMetadata } from './archive-metadata.ts'
import { toHex } from './hex.ts'
import { varintBytes, WireWriter } from './wire-writer.ts'

/** An archive as the index has it. */
export interface ArchiveEntry extends ArchiveMetadata {
  /** `0x` and 64 lower-case hex digits: `archiveId` of the rest. It does not commit to the archive's content. */
  readonly id: string
  /** Where it starts in `data`. */
  readonly offsetBytes: number
  /** With padding. */
  readonly sizeBytes: number
  /** Zero bytes at its end. */
  readonly paddingBytes: number
}

/** The id of an archive: `0x` and keccak256 of its encoded index entry (formats §2). */
export function archiveId(entry: Omit<ArchiveEntry, 'id'>): string {
  const writer = new WireWriter(entryBytes(entry) + 10)
  encodeEntry(writer, entry)
  return toHex(keccak_256(writer.view()))
}

/** Bytes of an encoded `WakuMessageArchiveIndexMetadata`. */
export function entryBytes(entry: Omit<ArchiveEntry, 'id'>): number {
  const metadata = metadataBytes(entry)
  return (
    1 +
    varintBytes(metadata) +
    metadata +
    numberBytes(entry.offsetBytes) +
    numberBytes(entry.sizeBytes) +
    numberBytes(entry.paddingBytes)
  )
}

/** Appends an encoded `WakuMessageArchiveIndexMetadata`. */
export function encodeEntry(writer: WireWriter, entry: Omit<ArchiveEntry, 'id'>): void {
  writer.reserve(entryBytes(entry))
  encodeMetadata(writer, entry)
  encodeNumber(writer, 0x18, entry.offsetBytes)
  encodeNumber(writer, 0x20, entry.sizeBytes)
  encodeNumber(writer, 0x28, entry.paddingBytes)
}

function numberBytes(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value)
}

function encodeNumber(writer: WireWriter, tag: number, value: number): void {
  if (value === 0) return
  writer.tag(tag)
  writer.varint(value)
}
