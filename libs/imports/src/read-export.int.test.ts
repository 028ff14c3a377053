import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BadRecordError } from './import-errors.ts'
import { ExportFileError } from './import-errors.ts'
import type { ImportRecord } from './import-record.ts'
import { listExportFiles, readExport } from './read-export.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annals-imports-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface All {
  records: ImportRecord[]
  setAside: BadRecordError[]
}

async function readAll(file: string, all: All = { records: [], setAside: [] }): Promise<All> {
  for await (const batch of readExport(file)) {
    all.records.push(...batch.records)
    all.setAside.push(...batch.setAside)
  }
  return all
}

async function write(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

const line = (i: number): string =>
  JSON.stringify({ channel: 'a', author: 'b', timestamp: 1000 + i, text: `text ${i}` })
const discord = (count: number): string =>
  JSON.stringify({
    guild: { id: '1' },
    channel: { id: '7', name: 'general' },
    messages: Array.from({ length: count }, (_, i) => ({
      id: String(i + 1),
      type: 'Default',
      timestamp: '2022-05-16T19:28:21.094+00:00',
      content: `text ${i}`,
      author: { id: '5', name: 'n' },
    })),
  })

describe('readExport', () => {
  it('takes a byte order mark, CRLF, blank lines and no line break at the end', async () => {
    const file = await write('odd.ndjson', `\ufeff${line(0)}\r\n\r\n   \n${line(1)}`)
    expect(await readAll(file)).toMatchObject({ records: [{ text: 'text 0' }, { text: 'text 1' }], setAside: [] })
  })

  it('knows gzip by its first bytes, whatever the name', async () => {
    const file = await write('packed.ndjson', gzipSync(line(0)))
    expect((await readAll(file)).records).toHaveLength(1)
  })

  it('sets bad lines aside with file and line, and goes on', async () => {
    const file = await write(
      'bad.ndjson',
      [line(0), '{', line(1), '[]', `{"a":"${'x'.repeat(5_000_000)}"}`, line(2)].join('\n'),
    )
    const { records, setAside } = await readAll(file)
    expect(records.map((each) => each.text)).toEqual(['text 0', 'text 1', 'text 2'])
    expect(setAside.map((each) => each.place)).toEqual(['line 2', 'line 4', 'line 5'])
    expect(new Set(setAside.map((each) => each.file))).toEqual(new Set([file]))
  })

  it('gives what stands before the place where a Discord export is cut off, then fails', async () => {
    const text = discord(5000)
    const file = await write('cut.json', text.slice(0, text.length - 400))
    const all: All = { records: [], setAside: [] }
    await expect(readAll(file, all)).rejects.toBeInstanceOf(ExportFileError)
    expect(all.records.length).toBeGreaterThan(4000)
  })

  it('fails on a gzip file that is cut off, and on an empty one', async () => {
    const packed = gzipSync(Array.from({ length: 1000 }, (_, i) => line(i)).join('\n'))
    await expect(readAll(await write('cut.gz', packed.subarray(0, packed.length / 2)))).rejects.toBeInstanceOf(
      ExportFileError,
    )
    await expect(readAll(await write('empty.json', ''))).rejects.toBeInstanceOf(ExportFileError)
    await expect(readAll(join(folder, 'absent.json'))).rejects.toBeInstanceOf(ExportFileError)
  })

  it('fails where a Discord export does not say its channel first', async () => {
    const file = await write('order.json', '{"guild":{},"messages":[{"id":"1"}],"channel":{"id":"7"}}')
    await expect(readAll(file)).rejects.toBeInstanceOf(ExportFileError)
  })

  it('reads a file far larger than the memory it takes', async () => {
    const file = join(folder, 'large.ndjson.gz')
    const text = 'x'.repeat(10_000)
    const lines = function* (): Iterable<string> {
      for (let i = 1; i <= 20_000; i++) yield `${JSON.stringify({ channel: 'a', author: 'b', timestamp: i, text })}\n`
    }
    await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(file))
    let count = 0
    let peakBytes = 0
    for await (const batch of readExport(file)) {
      count += batch.records.length
      peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers)
    }
    expect(count).toBe(20_000)
    expect(peakBytes).toBeLessThan(120_000_000)
  })
})

describe('listExportFiles', () => {
  it('names the exports of a folder in order, and nothing else', async () => {
    const inner = await mkdtemp(join(folder, 'list-'))
    for (const name of ['b.json', 'a.ndjson.gz', 'c.txt']) await writeFile(join(inner, name), 'x')
    expect(await listExportFiles(inner)).toEqual([
      { file: join(inner, 'a.ndjson.gz'), sizeBytes: 1 },
      { file: join(inner, 'b.json'), sizeBytes: 1 },
    ])
  })

  it('fails where there is nothing', async () => {
    await expect(listExportFiles(join(folder, 'absent'))).rejects.toBeInstanceOf(ExportFileError)
    await expect(listExportFiles(await mkdtemp(join(folder, 'none-')))).rejects.toBeInstanceOf(ExportFileError)
  })
})
