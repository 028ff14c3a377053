import { encodeEntry, entryBytes, type ArchiveEntry } from './archive-entry.ts'
import { encodeText, varintBytes, WireWriter } from './wire-writer.ts'

/**
 * The index file: entries by ascending offset, so that equal archives give equal bytes (formats §2). Ids are written as
 * they are; `archiveId` makes them.
 */
export function encodeIndex(entries: readonly ArchiveEntry[]): Uint8Array {
  const writer = new WireWriter(entries.length * 128 + 16)
  for (const entry of entries.toSorted((a, b) => a.offsetBytes - b.offsetBytes)) {
    const key = encodeText(entry.id)
    const value = entryBytes(entry)
    const sizeBytes = 1 + varintBytes(key.length) + key.length + 1 + varintBytes(value) + value
    writer.reserve(sizeBytes + 10)
    writer.tag(0x0a)
    writer.varint(sizeBytes)
    writer.tag(0x0a)
    writer.varint(key.length)
    writer.raw(key)
    writer.tag(0x12)
    writer.varint(value)
    encodeEntry(writer, entry)
  }
  return writer.view().slice()
}
