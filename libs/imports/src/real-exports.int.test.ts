import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { RepeatWindow } from './repeat-window.ts'
import { listExportFiles, readExport } from './read-export.ts'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const present = existsSync(data)

interface Count {
  records: number
  setAside: number
  repeated: number
}

async function count(path: string): Promise<Count> {
  const counted: Count = { records: 0, setAside: 0, repeated: 0 }
  const window = new RepeatWindow()
  for (const { file } of await listExportFiles(path)) {
    for await (const batch of readExport(file)) {
      counted.records += batch.records.length
      counted.setAside += batch.setAside.length
      counted.repeated += batch.records.filter((record) => window.seen(record.sourceId)).length
    }
  }
  return counted
}

// Real histories lie beside the repository, not in it. Where they are absent, these tests are skipped, but not in CI.
describe.skipIf(!present && process.env['CI'] === undefined)('real exports (need ../shared/data)', () => {
  it('reads one quarter of an IRC channel; its repeated lines count once', async () => {
    expect(await count(`${data}duraspace-2011q4.ndjson`)).toEqual({ records: 2418, setAside: 0, repeated: 3 })
  })

  it('reads nine years of it, packed', async () => {
    expect(await count(`${data}duraspace.ndjson.gz`)).toMatchObject({ records: 90_631, setAside: 0 })
  })

  it('reads every message of a folder of Discord exports', async () => {
    expect(await count(`${data}discord/pyscript`)).toEqual({ records: 4624, setAside: 0, repeated: 0 })
  })
})
