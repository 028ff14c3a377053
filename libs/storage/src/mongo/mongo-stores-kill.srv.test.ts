import { randomInt } from 'node:crypto'
import { testMongoUri } from '@annals/local-servers/testing'
import { killAfter } from '@annals/sqlite/testing'
import { describe, expect, it } from 'vitest'
import { openGridfsBlobs } from '../gridfs/open-gridfs-blobs.ts'
import { openTestDatabase } from '../open-test-database.ts'
import { collect } from '../testing/collect.ts'
import { topic } from '../testing/message-store-contract.ts'
import { openMongoMessages } from './open-mongo-messages.ts'
import { openMongoState } from './open-mongo-state.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('stores in MongoDB whose process is killed again and again', () => {
  it('messages: none that was acknowledged is lost or doubled, and what was settled stays so', async () => {
    await using database = openTestDatabase()
    const script = new URL('./testing/ingest-until-killed.ts', import.meta.url)
    const stored = new Set<number>()
    const settled = new Set<number>()
    for (let kill = 0; kill < 4; kill++) {
      const lines = await killAfter(script, [testMongoUri(), database.name, String(stored.size)], randomInt(1, 60))
      for (const [what, batch] of lines.map((line) => line.split(' ')))
        (what === 'stored' ? stored : settled).add(Number(batch))
    }
    const store = await openMongoMessages({ link: await database.connect() })
    const messages = (await collect(store.range('community', {}))).flat()
    expect(new Set(messages.map(({ hash }) => hex(hash))).size).toBe(messages.length)
    const perBatch = Map.groupBy(messages, ({ timestamp }) => timestamp)
    expect([...stored].filter((batch) => perBatch.get(batch)?.length !== 10)).toStrictEqual([])
    const query = { before: Number.MAX_SAFE_INTEGER, topics: [topic(1)] }
    const pending = (await collect(store.pending('community', query))).flat()
    expect(pending.filter(({ timestamp }) => settled.has(timestamp))).toStrictEqual([])
    expect(await store.summary('community')).toMatchObject({ messages: messages.length, pending: pending.length })
  })

  it('documents: no acknowledged write is lost', async () => {
    await using database = openTestDatabase()
    const script = new URL('./testing/write-until-killed.ts', import.meta.url)
    const acknowledged = new Map<string, number>()
    for (let kill = 0; kill < 4; kill++) {
      for (const line of await killAfter(script, [testMongoUri(), database.name], randomInt(1, 100))) {
        const [id = '', version] = line.split(' ')
        acknowledged.set(id, Number(version))
      }
    }
    const store = await openMongoState({ link: await database.connect() })
    const documents = await collect(store.collection({ name: 'counters', parse: (value) => value }).list())
    expect(documents.map(({ id }) => id)).toStrictEqual(expect.arrayContaining([...acknowledged.keys()].sort()))
    for (const { id, version, value } of documents) {
      expect(value).toStrictEqual({ count: version })
      // One write may have been done and not been said.
      expect(version - (acknowledged.get(id) ?? 0)).toBeOneOf([0, 1])
    }
  })

  it('blobs: all that were acknowledged are whole, and a sweep leaves nothing else', async () => {
    await using database = openTestDatabase()
    const script = new URL('../gridfs/testing/put-until-killed.ts', import.meta.url)
    const acknowledged = new Set<string>()
    for (let kill = 0; kill < 4; kill++) {
      const lines = await killAfter(script, [testMongoUri(), database.name, String(kill * 5)], randomInt(1, 12))
      for (const key of lines) acknowledged.add(key)
    }
    const link = await database.connect()
    const store = await openGridfsBlobs({ link })
    await store.sweep(Infinity)
    const listed = await collect(store.list())
    const keys = new Set(listed.map(({ key }) => key))
    expect([...acknowledged].filter((key) => !keys.has(key))).toStrictEqual([])
    for (const { key, sizeBytes } of listed) {
      // Reading checks the content against the key.
      const parts = await collect(store.read(key))
      expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(sizeBytes)
    }
    expect(await link.database.collection('blobs.files').countDocuments()).toBe(listed.length)
    const owners = await link.database.collection('blobs.chunks').distinct('files_id')
    expect(owners).toHaveLength(listed.filter(({ sizeBytes }) => sizeBytes > 0).length)
  })
})
