import type { ArchiveEntry } from './archive-entry.ts'
import type { RejectedEntry } from './decode-index.ts'
import { BeyondDataError, InvalidPaddingError, MisalignedEntryError, OverlapError } from './entry-errors.ts'
import { LimitError, type ArchiveError } from './errors.ts'
import { pieceLengthBytes } from './pieces.ts'
import { maxEncodedArchiveBytes } from './seal-archives.ts'

/** An archive of the largest size, padded. */
const maxArchiveSizeBytes = Math.ceil(maxEncodedArchiveBytes / pieceLengthBytes + 1) * pieceLengthBytes

export interface CheckedIndex {
  /** Entries that can be fetched and cut out of `data` as they say, by ascending offset. */
  readonly entries: ArchiveEntry[]
  readonly rejected: RejectedEntry[]
}

/**
 * Checks every entry of an index against the length of `data`: alignment to pieces, padding smaller than the size, an
 * end within `data`, no byte in two archives (of two that overlap the one with the smaller offset stays). Nothing that
 * passes can lead a reader outside `data`.
 */
export function checkIndex(entries: readonly ArchiveEntry[], dataBytes: number): CheckedIndex {
  const good: ArchiveEntry[] = []
  const rejected: RejectedEntry[] = []
  const sorted = entries.toSorted((a, b) => a.offsetBytes - b.offsetBytes || (a.id < b.id ? -1 : 1))
  for (const entry of sorted) {
    const reason = problemOf(entry, dataBytes, good.at(-1))
    if (reason === undefined) good.push(entry)
    else rejected.push({ key: entry.id, reason })
  }
  return { entries: good, rejected }
}

function problemOf(entry: ArchiveEntry, dataBytes: number, before: ArchiveEntry | undefined): ArchiveError | undefined {
  const { offsetBytes, sizeBytes, paddingBytes } = entry
  if (!isWholePieces(offsetBytes) || !isWholePieces(sizeBytes) || sizeBytes === 0)
    return new MisalignedEntryError(offsetBytes, sizeBytes)
  if (!Number.isSafeInteger(paddingBytes) || paddingBytes < 0 || paddingBytes >= sizeBytes)
    return new InvalidPaddingError(paddingBytes, sizeBytes)
  if (offsetBytes > dataBytes || sizeBytes > dataBytes - offsetBytes)
    return new BeyondDataError(offsetBytes, sizeBytes, dataBytes)
  if (sizeBytes > maxArchiveSizeBytes) return new LimitError('bytes of an archive', maxArchiveSizeBytes, sizeBytes)
  if (before !== undefined && before.offsetBytes + before.sizeBytes > offsetBytes)
    return new OverlapError(offsetBytes, before.id)
  return undefined
}

function isWholePieces(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0 && bytes % pieceLengthBytes === 0
}
