import type { ExportBatch, ImportRecord } from '@annals/imports'
import type { Chat, ImportMessagesRequest } from '@annals/proto/api/v1'
import { ExportFileError, listExportFiles, readExport } from '@annals/imports'
import type { AnnalsClient } from '../client.ts'
import type { Cli } from '../cli.ts'
import { ProgressBar } from '../progress-bar.ts'

/** What came of an import. */
export interface ImportSummary {
  files: number
  records: number
  stored: number
  /** Here before this import. */
  known: number
  /** The same record again within this import. */
  repeated: number
  /** Cannot be used. */
  setAside: number
  /** Why, for the first of them. */
  readonly reasons: string[]
  readonly newChats: Chat[]
  /** Files that could not be read to their end, and why; what came before is imported. */
  readonly failedFiles: string[]
}

const maxReasons = 10
const requestRecords = 500
/** A request may have 16 MiB; a character of text takes 3 bytes at most, 4 where it counts as two. */
const requestCharacters = 2 * 1024 * 1024

/**
 * Imports files one after another over one stream, read no faster than the node takes them. A file that cannot be read
 * to its end does not stop the others.
 * @throws ExportFileError if a path holds nothing to import; what the client throws
 */
export async function importFiles(
  cli: Cli,
  client: AnnalsClient,
  communityId: string,
  paths: readonly string[],
): Promise<ImportSummary> {
  const files = (await Promise.all(paths.map(listExportFiles))).flat()
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const summary: ImportSummary = {
    files: files.length,
    records: 0,
    stored: 0,
    known: 0,
    repeated: 0,
    setAside: 0,
    reasons: [],
    newChats: [],
    failedFiles: [],
  }
  using bar = new ProgressBar(cli.stderr, 'importing')
  const underWay: { records: readonly ImportRecord[]; readBytes: number }[] = []

  async function* requests(): AsyncIterable<ImportMessagesRequest> {
    for await (const part of parts(readFiles(files, summary, cli.signal))) {
      underWay.push(part)
      yield {
        communityId,
        records: part.records.map((record) => ({ ...record, attachments: [...record.attachments] })),
      }
    }
  }

  for await (const { stored, known, repeated, rejected, newChats } of client.exchange('importMessages', requests())) {
    const { records = [], readBytes = 0 } = underWay.shift() ?? {}
    summary.stored += stored
    summary.known += known
    summary.repeated += repeated
    summary.newChats.push(...newChats)
    for (const { index, reason } of rejected) setAside(summary, describe(records[index], reason))
    bar.update(readBytes / totalBytes, `${summary.stored + summary.known} messages`)
  }
  return summary
}

/** The batches of all files; `readBytes` counts from the start of the first. */
async function* readFiles(
  files: Awaited<ReturnType<typeof listExportFiles>>,
  summary: ImportSummary,
  signal: AbortSignal,
): AsyncIterable<ExportBatch> {
  let doneBytes = 0
  for (const { file, sizeBytes } of files) {
    try {
      for await (const batch of readExport(file, signal)) {
        summary.records += batch.records.length + batch.setAside.length
        for (const { message } of batch.setAside) setAside(summary, message)
        yield { ...batch, readBytes: doneBytes + batch.readBytes }
      }
    } catch (error) {
      if (!(error instanceof ExportFileError)) throw error
      summary.failedFiles.push(error.message)
    }
    doneBytes += sizeBytes
  }
}

/** Records in numbers that fit into a request. */
async function* parts(
  batches: AsyncIterable<ExportBatch>,
): AsyncIterable<{ records: readonly ImportRecord[]; readBytes: number }> {
  let records: ImportRecord[] = []
  let characters = 0
  let readBytes = 0
  for await (const batch of batches) {
    for (const record of batch.records) {
      records.push(record)
      characters += record.text.length
      if (records.length < requestRecords && characters < requestCharacters) continue
      yield { records, readBytes }
      records = []
      characters = 0
    }
    readBytes = batch.readBytes
  }
  if (records.length > 0) yield { records, readBytes }
}

function setAside(summary: ImportSummary, reason: string): void {
  summary.setAside++
  if (summary.reasons.length < maxReasons) summary.reasons.push(reason)
}

function describe(record: ImportRecord | undefined, reason: string): string {
  return record === undefined ? reason : `message ${record.sourceId} of ${record.channelName}: ${reason}`
}
