import type { ArchiveEntry } from '@annals/archive'
import { EncryptedError, decodeArchive, maxEncodedArchiveBytes, pieceLengthBytes } from '@annals/archive'
import { PieceChecker } from './piece-checker.ts'

/** What is true of one archive. */
export interface ArchiveReport {
  readonly archiveId: string
  readonly from: number
  readonly to: number
  readonly offsetBytes: number
  readonly sizeBytes: number
  /** Readable ones. */
  messages: number
  /** Messages that do not decode. */
  undecodable: number
  /** True where the messages are encrypted, so that only the pieces and the padding could be looked at. */
  encrypted: boolean
  /** What does not hold, in words; empty where everything does. */
  readonly problems: string[]
}

export function emptyReport({ id, from, to, offsetBytes, sizeBytes }: ArchiveEntry): ArchiveReport {
  return {
    archiveId: id,
    from,
    to,
    offsetBytes,
    sizeBytes,
    messages: 0,
    undecodable: 0,
    encrypted: false,
    problems: [],
  }
}

/**
 * Reads one archive once and checks its pieces, its padding and its messages. Holds the bytes of this one archive and
 * nothing else; how large it may be `checkIndex` has seen to.
 */
export async function verifyArchive(
  entry: ArchiveEntry,
  bytes: AsyncIterable<Uint8Array>,
  pieces: Uint8Array | undefined,
): Promise<ArchiveReport> {
  const report = emptyReport(entry)
  const { problems } = report
  const rawBytes = entry.sizeBytes - entry.paddingBytes
  const raw = new Uint8Array(Math.min(rawBytes, maxEncodedArchiveBytes))
  const checker = new PieceChecker(pieces, entry.offsetBytes / pieceLengthBytes)
  let readBytes = 0
  let paddingIsZero = true
  for await (const part of bytes) {
    checker.push(part)
    raw.set(part.subarray(0, Math.max(raw.length - readBytes, 0)), Math.min(readBytes, raw.length))
    paddingIsZero &&= part.subarray(Math.max(rawBytes - readBytes, 0)).every((byte) => byte === 0)
    readBytes += part.length
  }
  checker.end()
  if (readBytes !== entry.sizeBytes) {
    problems.push(`${readBytes} of ${entry.sizeBytes} bytes are there`)
    return report
  }
  if (checker.wrong.length > 0)
    problems.push(
      `${piecesText(checker.wrong)} of the torrent ${checker.wrong.length === 1 ? 'has' : 'have'} another hash`,
    )
  if (!paddingIsZero) problems.push('its padding is not all zero bytes')
  if (rawBytes > raw.length)
    problems.push(`it has ${rawBytes} bytes without padding; ${maxEncodedArchiveBytes} are allowed`)
  else readMessages(report, entry, raw)
  return report
}

function readMessages(report: ArchiveReport, entry: ArchiveEntry, raw: Uint8Array): void {
  try {
    const archive = decodeArchive(raw)
    for (const message of archive.messages()) {
      if ('rejected' in message) report.undecodable++
      else report.messages++
    }
    if (report.undecodable > 0)
      report.problems.push(`${report.undecodable} of ${archive.messageCount} messages do not decode`)
    if (!sameMetadata(archive.metadata, entry))
      report.problems.push('it says another time or other topics of itself than the index')
  } catch (error) {
    if (error instanceof EncryptedError) report.encrypted = true
    else report.problems.push(`it does not decode: ${(error as Error).message}`)
  }
}

function sameMetadata(one: Pick<ArchiveEntry, 'from' | 'to' | 'contentTopics'>, other: typeof one): boolean {
  return (
    one.from === other.from &&
    one.to === other.to &&
    one.contentTopics.length === other.contentTopics.length &&
    one.contentTopics.every((topic, i) => topic.every((byte, j) => byte === other.contentTopics[i]?.[j]))
  )
}

function piecesText(wrong: readonly number[]): string {
  const shown = wrong.slice(0, 5).join(', ')
  return `${wrong.length === 1 ? 'piece' : 'pieces'} ${shown}${wrong.length > 5 ? ` and ${wrong.length - 5} more` : ''}`
}
