import type { ExportBatch, ImportRecord } from '@annals/imports'
import type { Chat } from '@annals/proto/api/v1'
import { ExportFileError, listExportFiles, readExport } from '@annals/imports'
import type { NodeClient } from '../client/connect.ts'
import type { Cli } from '../cli.ts'
import { ProgressBar } from '../progress-bar.ts'
import { RecordSender } from './record-sender.ts'

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
  reasons: string[]
  newChats: Chat[]
  /** Files that could not be read to their end, and why; what came before is imported. */
  failedFiles: string[]
}

const maxReasons = 10

/**
 * Imports files one after another over one stream. A file that cannot be read to its end does not stop the others.
 * @throws ExportFileError if a path holds nothing to import; NodeError, NodeUnreachableError
 */
export async function importFiles(
  cli: Cli,
  client: NodeClient,
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
  await using sender = new RecordSender(client, communityId, (record, reason) =>
    setAside(summary, describe(record, reason)),
  )
  let doneBytes = 0
  for (const { file, sizeBytes } of files) {
    try {
      for await (const batch of readExport(file, cli.signal)) {
        takeIn(summary, batch)
        await sender.send(batch.records)
        bar.update(
          (doneBytes + batch.readBytes) / totalBytes,
          `${sender.counts.acknowledged} of ${summary.records} messages`,
        )
      }
    } catch (error) {
      if (!(error instanceof ExportFileError)) throw error
      summary.failedFiles.push(error.message)
    }
    doneBytes += sizeBytes
  }
  const { stored, known, repeated, newChats } = await sender.finish()
  bar.update(1, `${summary.records} messages`)
  return { ...summary, stored, known, repeated, newChats }
}

function takeIn(summary: ImportSummary, { records, setAside: bad }: ExportBatch): void {
  summary.records += records.length + bad.length
  for (const { message } of bad) setAside(summary, message)
}

function setAside(summary: ImportSummary, reason: string): void {
  summary.setAside++
  if (summary.reasons.length < maxReasons) summary.reasons.push(reason)
}

function describe({ channelName, sourceId }: ImportRecord, reason: string): string {
  return `message ${sourceId} of ${channelName}: ${reason}`
}
