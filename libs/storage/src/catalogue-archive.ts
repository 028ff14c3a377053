import type { ArchiveEntry } from '@annals/archive'
import type { CatalogueArchive } from './documents/catalogues.ts'

/** An archive's row in the catalogue, from its entry in the index, its blob's key and its count of messages. */
export function toCatalogueArchive(entry: ArchiveEntry, blob: string, messages: number): CatalogueArchive {
  const contentTopics = entry.contentTopics.map((topic) => `0x${Buffer.from(topic).toString('hex')}`)
  const { id, from, to, offsetBytes, sizeBytes, paddingBytes } = entry
  return { id, from, to, contentTopics, offsetBytes, sizeBytes, paddingBytes, blob, messages }
}

/** The entry in the index, from the row in the catalogue. */
export function toArchiveEntry(archive: CatalogueArchive): ArchiveEntry {
  const contentTopics = archive.contentTopics.map((topic) => new Uint8Array(Buffer.from(topic.slice(2), 'hex')))
  const { id, from, to, offsetBytes, sizeBytes, paddingBytes } = archive
  return { id, from, to, contentTopics, offsetBytes, sizeBytes, paddingBytes }
}

/** Length of `data` with these archives, padding and all. */
export function dataLengthBytes(archives: readonly CatalogueArchive[]): number {
  const last = archives.at(-1)
  return last === undefined ? 0 : last.offsetBytes + last.sizeBytes
}
