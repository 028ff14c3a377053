import { checkIndex, decodeIndex, pieceLengthBytes, type ArchiveEntry } from '@annals/archive'

/** A stretch of a community's history that is opened as one: mostly a week. */
export interface Week {
  /** `<from>-<to>`. */
  readonly id: string
  /** Unix seconds, [from, to). */
  readonly from: number
  readonly to: number
  /** With padding: what has to be fetched. */
  readonly sizeBytes: number
  /** More than one where a week was too large for one, or some of it came late. */
  readonly archives: readonly ArchiveEntry[]
}

export interface ReadIndex {
  /** By time. */
  readonly weeks: readonly Week[]
  /** Entries that cannot be used, by their reason. */
  readonly rejected: readonly Error[]
}

/** The last second that a JavaScript date can say. */
const maxTimestampSeconds = 8_640_000_000_000

/** A stretch with a time that no calendar has. */
class WeekTimeError extends Error {
  override readonly name = 'WeekTimeError'
}

/**
 * The weeks of an index that was checked against its hashes. Nothing of an entry is believed: what leads out of `data`, or
 * overlaps, is left out.
 * @throws TruncatedError, MalformedWireError, EncryptedError, LimitError
 */
export function readWeeks(index: Uint8Array, dataBytes: number): ReadIndex {
  const decoded = decodeIndex(index)
  const checked = checkIndex(decoded.entries, dataBytes)
  const rejected: Error[] = [...decoded.rejected, ...checked.rejected].map(({ reason }) => reason)
  const weeks = new Map<string, ArchiveEntry[]>()
  for (const entry of checked.entries) {
    const id = `${entry.from}-${entry.to}`
    if (entry.to > maxTimestampSeconds) rejected.push(new WeekTimeError(`an archive goes to ${entry.to}`))
    else if (!weeks.get(id)?.push(entry)) weeks.set(id, [entry])
  }
  return {
    weeks: [...weeks].map(([id, archives]) => toWeek(id, archives)).sort((a, b) => a.from - b.from || a.to - b.to),
    rejected,
  }
}

function toWeek(id: string, archives: readonly ArchiveEntry[]): Week {
  const { from, to } = archives[0]!
  return { id, from, to, sizeBytes: archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), archives }
}

/** The torrent's pieces of an archive, ascending. */
export function piecesOfArchive({ offsetBytes, sizeBytes }: ArchiveEntry): number[] {
  return Array.from({ length: sizeBytes / pieceLengthBytes }, (_, at) => offsetBytes / pieceLengthBytes + at)
}

/** The torrent's pieces of a week. */
export function piecesOfWeek(week: Week): number[] {
  return week.archives.flatMap(piecesOfArchive)
}
