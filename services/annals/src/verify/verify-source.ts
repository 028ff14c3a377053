import type { ArchiveEntry } from '@annals/archive'
import { EncryptedError, checkIndex, decodeIndex, pieceLengthBytes } from '@annals/archive'
import type { ArchiveSource } from './archive-source.ts'
import { PieceChecker } from './piece-checker.ts'
import type { ArchiveReport } from './verify-archive.ts'
import { emptyReport, verifyArchive } from './verify-archive.ts'

/** What is true of archives. */
export interface VerifyReport {
  readonly source: string
  readonly communityId?: string | undefined
  readonly infoHash?: string | undefined
  readonly dataBytes: number
  /** `content`: everything was read. `structure`: there are no bytes to read, or they are encrypted. */
  readonly checked: 'content' | 'structure'
  readonly archives: readonly ArchiveReport[]
  readonly messages: number
  readonly undecodable: number
  /** What does not hold of the whole; that of single archives stands with them. */
  readonly problems: readonly string[]
  /** True where nothing that could be checked is wrong. */
  readonly holds: boolean
}

/** Called before each archive. */
export type OnArchive = (done: number, total: number) => void

/** Checks the index, then every archive it names, one at a time. */
export async function verifySource(source: ArchiveSource, onArchive: OnArchive): Promise<VerifyReport> {
  const problems = [...source.problems]
  const { entries, encrypted } = readIndex(source, problems)
  const archives: ArchiveReport[] = []
  for (const entry of entries) {
    onArchive(archives.length, entries.length)
    archives.push(
      source.read === undefined
        ? emptyReport(entry)
        : await verifyArchive(entry, source.read(entry.offsetBytes, entry.sizeBytes), source.pieces),
    )
  }
  if (encrypted && source.read !== undefined && source.pieces !== undefined)
    await checkAllPieces(source, source.read(0, source.dataBytes), problems)
  const { communityId, infoHash, dataBytes, description } = source
  return {
    source: description,
    communityId,
    infoHash,
    dataBytes,
    checked:
      source.read === undefined || encrypted || archives.some((each) => each.encrypted) ? 'structure' : 'content',
    archives,
    messages: archives.reduce((sum, each) => sum + each.messages, 0),
    undecodable: archives.reduce((sum, each) => sum + each.undecodable, 0),
    problems,
    holds: problems.length === 0 && archives.every((each) => each.problems.length === 0),
  }
}

function readIndex(
  source: ArchiveSource,
  problems: string[],
): { entries: readonly ArchiveEntry[]; encrypted: boolean } {
  const { index, dataBytes, pieces } = source
  if (index === undefined) return { entries: [], encrypted: false }
  const checker = new PieceChecker(pieces, Math.ceil(dataBytes / pieceLengthBytes))
  checker.push(index)
  checker.end()
  if (checker.wrong.length > 0) problems.push('the index is not the one of the torrent: it has another hash')
  try {
    const decoded = decodeIndex(index)
    const checked = checkIndex(decoded.entries, dataBytes)
    for (const { key, reason } of [...decoded.rejected, ...checked.rejected])
      problems.push(`the index entry ${key || 'without a name'} cannot be used: ${reason.message}`)
    checkCoverage(checked.entries, dataBytes, problems)
    return { entries: checked.entries, encrypted: false }
  } catch (error) {
    if (error instanceof EncryptedError) return { entries: [], encrypted: true }
    problems.push(`the index does not decode: ${(error as Error).message}`)
    return { entries: [], encrypted: false }
  }
}

/** Archives stand one behind the other, from the start of `data` to its end. */
function checkCoverage(entries: readonly ArchiveEntry[], dataBytes: number, problems: string[]): void {
  let end = 0
  for (const { offsetBytes, sizeBytes } of entries) {
    if (offsetBytes > end) problems.push(`bytes ${end} to ${offsetBytes} of "data" belong to no archive`)
    end = offsetBytes + sizeBytes
  }
  if (dataBytes > end) problems.push(`bytes ${end} to ${dataBytes} of "data" belong to no archive`)
}

/** All that can be said where the index is encrypted. */
async function checkAllPieces(
  source: ArchiveSource,
  bytes: AsyncIterable<Uint8Array>,
  problems: string[],
): Promise<void> {
  const checker = new PieceChecker(source.pieces, 0)
  for await (const part of bytes) checker.push(part)
  checker.end()
  if (checker.wrong.length > 0)
    problems.push(
      `${checker.wrong.length} pieces of "data" have another hash than the torrent says, the first is piece ${checker.wrong[0]}`,
    )
}
