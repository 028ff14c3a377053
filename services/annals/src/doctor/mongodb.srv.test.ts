import { instances, leases } from '@annals/storage'
import type { CollectionDefinition } from '@annals/storage'
import { openGridfsBlobs, openMongoMessages, openMongoState } from '@annals/storage/mongo'
import { describe, expect, it } from 'vitest'
import type { Examination } from '../index.ts'
import { freePort } from '../testing/free-port.ts'
import type { OwnNamespace } from '../testing/own-namespace.ts'
import { openOwnNamespace } from '../testing/own-namespace.ts'
import { examineQuietly, resultsOf } from '../testing/read-examination.ts'

const hour = 3_600_000
const day = 24 * hour

function kindsOf(examination: Examination, check: string): (string | undefined)[][] {
  return resultsOf(examination, check).map(({ kind, about }) => [kind, about])
}

/** With the collections that services make, and without streams: they are not asked for here. */
async function openMade(): Promise<OwnNamespace> {
  const own = await openOwnNamespace({ streams: false })
  await openMongoMessages({ link: own.mongo })
  await openGridfsBlobs({ link: own.mongo })
  return own
}

async function put<T>(own: OwnNamespace, definition: CollectionDefinition<T>, id: string, value: T): Promise<void> {
  await using state = await openMongoState({ link: own.mongo })
  await state.collection(definition).put(id, value, 0)
}

describe('a MongoDB', () => {
  it('that is not there, or whose address is none, is told of, without its password', async () => {
    await using own = await openOwnNamespace({ streams: false })
    const gone = { ...own.env, MONGODB_URI: `mongodb://user:secret@127.0.0.1:${await freePort()}` }
    const examination = await examineQuietly({ env: gone })
    expect(kindsOf(examination, 'mongodb-connection')).toStrictEqual([['unreachable', undefined]])
    const others = examination.results.filter(
      ({ check }) => check.startsWith('mongodb-') && check !== 'mongodb-connection',
    )
    expect(new Set(others.map(({ verdict }) => verdict))).toStrictEqual(new Set(['not checked']))
    expect(JSON.stringify(examination)).not.toContain('secret')
    const invalid = await examineQuietly({ env: { ...own.env, MONGODB_URI: 'mongodb://user:secret@' } })
    expect(kindsOf(invalid, 'mongodb-connection')).toStrictEqual([['invalid', undefined]])
    expect(JSON.stringify(invalid)).not.toContain('secret')
  })

  it('that refuses the password is told of', async () => {
    await using own = await openOwnNamespace({ streams: false })
    const env = { ...own.env, MONGODB_URI: own.env['MONGODB_URI']?.replace('//', '//somebody:wrong@') ?? '' }
    expect(kindsOf(await examineQuietly({ env }), 'mongodb-connection')).toStrictEqual([['refused', undefined]])
  })

  it('says what it is, takes writes, and has nothing wrong', async () => {
    await using own = await openMade()
    const examination = await examineQuietly({ env: own.env })
    expect(resultsOf(examination, 'mongodb-server')[0]?.found).toMatch(/^(MongoDB|FerretDB) \d+\.\d+/)
    for (const check of ['round-trip', 'clock', 'writes', 'indexes', 'blobs', 'leases'])
      expect(resultsOf(examination, `mongodb-${check}`)).toMatchObject([{ check: `mongodb-${check}`, verdict: 'ok' }])
    const collections = (await own.mongo.database.collections()).map(({ collectionName }) => collectionName)
    expect(collections.toSorted()).toStrictEqual(['blobs.chunks', 'blobs.files', 'messages'])
  })
})

describe('an index', () => {
  it('that is missing is found, made where that is asked for, and looked at again', async () => {
    await using own = await openMade()
    await own.mongo.database.collection('messages').dropIndex('pending_1')
    await own.mongo.database.collection('blobs.files').dropIndex('filename_unique')
    const broken = await examineQuietly({ env: own.env })
    expect(kindsOf(broken, 'mongodb-indexes')).toStrictEqual([
      ['missing', 'blobs.files filename_unique'],
      ['missing', 'messages pending_1'],
    ])
    const { fixes, results } = await examineQuietly({ env: own.env, fix: true })
    expect(fixes.filter(({ check }) => check === 'mongodb-indexes')).toStrictEqual([
      { check: 'mongodb-indexes', about: 'blobs.files filename_unique' },
      { check: 'mongodb-indexes', about: 'messages pending_1' },
    ])
    expect(results.find(({ check }) => check === 'mongodb-indexes')).toMatchObject({ verdict: 'ok' })
  })

  it('that is another one, or not unique, is told of and left as it is', async () => {
    await using own = await openMade()
    const messages = own.mongo.database.collection('messages')
    await messages.dropIndex('pending_1')
    await messages.createIndex({ pending: 1, topic: 1 }, { name: 'pending_1' })
    const files = own.mongo.database.collection('blobs.files')
    await files.dropIndex('filename_unique')
    await files.createIndex({ filename: 1 }, { name: 'filename_unique' })
    const before = [await messages.indexes(), await files.indexes()]
    const examination = await examineQuietly({ env: own.env, fix: true })
    expect(kindsOf(examination, 'mongodb-indexes')).toStrictEqual([
      ['unsafe', 'blobs.files filename_unique'],
      ['differs', 'messages pending_1'],
    ])
    expect([await messages.indexes(), await files.indexes()]).toStrictEqual(before)
  })
})

describe('what the services left in MongoDB', () => {
  it('of blobs is told where one half is missing, or much is left over', async () => {
    await using own = await openMade()
    const files = own.mongo.database.collection('blobs.files')
    const leftAtMilliseconds = Date.now()
    await files.insertMany(
      Array.from({ length: 101 }, (_, number) => ({
        filename: `left/draft/${number}`,
        metadata: { leftAtMilliseconds },
      })),
    )
    const kinds = async (now: () => number): Promise<(string | undefined)[]> =>
      kindsOf(await examineQuietly({ env: own.env, now }), 'mongodb-blobs').map(([kind]) => kind)
    expect(await kinds(Date.now)).toStrictEqual(['halved'])
    expect(await kinds(() => Date.now() + 8 * day)).toStrictEqual(['halved', 'left'])
  })

  it('of processes is told where they are silent, or too few', async () => {
    await using own = await openMade()
    const row = { machine: 'm', startedAtMilliseconds: 0 }
    for (const service of ['seeder', 'fetcher'])
      await put(own, instances, `${service}/one`, { ...row, service, instance: 'one' })
    const look = async (env: object, now: () => number): Promise<(string | undefined)[][]> =>
      kindsOf(await examineQuietly({ env: { ...own.env, ...env }, now }), 'mongodb-instances')
    expect(await look({ ANNALS_SEED_REPLICAS: '1' }, Date.now)).toStrictEqual([[undefined, undefined]])
    expect(await look({ ANNALS_SEED_REPLICAS: '2' }, Date.now)).toStrictEqual([['few-seeders', undefined]])
    expect(await look({ ANNALS_SEED_REPLICAS: '1' }, () => Date.now() + hour)).toStrictEqual([
      ['silent', 'fetcher/one'],
      ['silent', 'seeder/one'],
      ['few-seeders', undefined],
      ['no-fetcher', undefined],
    ])
  })

  it('of leases is told where one is renewed for long, or was abandoned', async () => {
    await using own = await openMade()
    const now = Date.now()
    await put(own, leases, 'archive/held', { holder: 'one', untilMilliseconds: now + hour })
    await put(own, leases, 'archive/long', { holder: 'one', untilMilliseconds: now + hour })
    await put(own, leases, 'archive/over', { holder: 'gone', untilMilliseconds: now - 2 * hour })
    await put(own, leases, 'archive/ended', { holder: 'gone', untilMilliseconds: now - 1000 })
    await own.mongo.database.collection<{ _id: string }>('state.leases').updateOne(
      { _id: 'archive/long' },
      // As after so many renewals.
      { $set: { version: 2000 } },
    )
    const examination = await examineQuietly({ env: own.env })
    expect(kindsOf(examination, 'mongodb-leases')).toStrictEqual([
      ['long', 'archive/long'],
      ['abandoned', 'archive/over'],
    ])
  })
})
