import type { ImportRecord } from '@annals/imports'
import { listExportFiles, readExport } from '@annals/imports'
import { makeUpHistory } from './make-up-history.ts'
import type { Narrator } from './narrator.ts'

const week = 604_800

export interface DemoHistory {
  /** What is there when the control node starts to archive. */
  readonly earlier: readonly ImportRecord[]
  /** What arrives afterwards: the last week. */
  readonly live: readonly ImportRecord[]
  /** When the control node starts to archive, Unix seconds; the end of a whole number of weeks. */
  readonly sealAt: number
}

/** An export or a made-up history, cut before its last week. @throws ExportFileError, EmptyHistoryError */
export async function loadHistory(exportFile: string | undefined, narrator: Narrator): Promise<DemoHistory> {
  if (exportFile === undefined) return cut(makeUpHistory(Date.UTC(2026, 0, 5) / 1000, 14, 120))
  const records: ImportRecord[] = []
  const seen = new Set<string>()
  let setAside = 0
  for (const { file } of await listExportFiles(exportFile))
    for await (const batch of readExport(file)) {
      setAside += batch.setAside.length
      for (const record of batch.records) {
        if (seen.has(record.sourceId)) continue
        seen.add(record.sourceId)
        records.push(record)
      }
    }
  if (setAside > 0) narrator.line(`${setAside} records of the export cannot be used and are left out`)
  return cut(records.sort((a, b) => a.timestamp - b.timestamp))
}

/** There is nothing to show. */
export class EmptyHistoryError extends Error {
  override readonly name = 'EmptyHistoryError'

  constructor() {
    super('the export holds no message that can be used; choose another file')
  }
}

function cut(records: readonly ImportRecord[]): DemoHistory {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) throw new EmptyHistoryError()
  const weeks = Math.max(1, Math.floor((last.timestamp - first.timestamp) / week))
  const sealAt = first.timestamp + weeks * week
  const earlier = records.filter((record) => record.timestamp < sealAt)
  return { earlier, live: records.slice(earlier.length), sealAt }
}
