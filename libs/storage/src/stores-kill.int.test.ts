import { randomInt } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { killAfter } from '@annals/sqlite/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { openFileBlobs } from './files/open-file-blobs.ts'
import { openSqliteMessages } from './sqlite/open-sqlite-messages.ts'
import { openSqliteState } from './sqlite/open-sqlite-state.ts'
import { collect } from './testing/collect.ts'
import { topic } from './testing/message-store-contract.ts'

const newFolder = (): Promise<string> => temporaryFolder('kill')

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('stores whose process is killed again and again', () => {
  it('messages: none that was acknowledged is lost or doubled, and what was settled stays so', async () => {
    const path = join(await newFolder(), 'messages.db')
    const script = new URL('./sqlite/testing/ingest-until-killed.ts', import.meta.url)
    const stored = new Set<number>()
    const settled = new Set<number>()
    for (let kill = 0; kill < 5; kill++) {
      const lines = await killAfter(script, [path, String(stored.size)], randomInt(1, 100))
      for (const [what, batch] of lines.map((line) => line.split(' '))) {
        if (what === 'stored') stored.add(Number(batch))
        else settled.add(Number(batch))
      }
    }
    await using store = await openSqliteMessages({ path })
    const messages = (await collect(store.range('community', {}))).flat()
    expect(new Set(messages.map(({ hash }) => hex(hash))).size).toBe(messages.length)
    const perBatch = Map.groupBy(messages, ({ timestamp }) => timestamp)
    // A batch is there as a whole or not at all.
    expect([...perBatch.values()].every((batch) => batch.length === 10)).toBe(true)
    expect([...stored].filter((batch) => !perBatch.has(batch))).toStrictEqual([])
    const query = { before: Number.MAX_SAFE_INTEGER, topics: [topic(1)] }
    const pending = (await collect(store.pending('community', query))).flat()
    expect(pending.filter(({ timestamp }) => settled.has(timestamp))).toStrictEqual([])
    expect(await store.summary('community')).toMatchObject({ messages: messages.length, pending: pending.length })
  })

  it('documents: no acknowledged write is lost', async () => {
    const path = join(await newFolder(), 'state.db')
    const script = new URL('./sqlite/testing/write-until-killed.ts', import.meta.url)
    const acknowledged = new Map<string, number>()
    for (let kill = 0; kill < 5; kill++) {
      for (const line of await killAfter(script, [path], randomInt(1, 200))) {
        const [id = '', version] = line.split(' ')
        acknowledged.set(id, Number(version))
      }
    }
    await using store = await openSqliteState({ path })
    const documents = await collect(store.collection({ name: 'counters', parse: (value) => value }).list())
    expect(documents.map(({ id }) => id)).toStrictEqual([...acknowledged.keys()].sort())
    for (const { id, version, value } of documents) {
      expect(value).toStrictEqual({ count: version })
      // One write may have been done and not been said.
      expect(version - (acknowledged.get(id) ?? 0)).toBeOneOf([0, 1])
    }
  })

  it('blobs: all that were acknowledged are whole, and drafts are gone after the next opening', async () => {
    const folder = await newFolder()
    const script = new URL('./files/testing/put-until-killed.ts', import.meta.url)
    const acknowledged = new Set<string>()
    for (let kill = 0; kill < 6; kill++) {
      const lines = await killAfter(script, [folder, String(kill * 5)], randomInt(1, 25))
      for (const key of lines) acknowledged.add(key)
    }
    await using store = await openFileBlobs({ folder })
    expect(await readdir(join(folder, 'tmp'))).toStrictEqual([])
    const listed = await collect(store.list())
    const keys = new Set(listed.map(({ key }) => key))
    expect([...acknowledged].filter((key) => !keys.has(key))).toStrictEqual([])
    for (const { key, sizeBytes } of listed) {
      // Reading checks the content against the key.
      const parts = await collect(store.read(key))
      expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(sizeBytes)
    }
  })
})
