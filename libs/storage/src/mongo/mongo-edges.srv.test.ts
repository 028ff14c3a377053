import { StorageClosedError } from '@annals/sqlite'
import { testMongoUri } from '@annals/local-servers/testing'
import { MongoServerError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { InvalidDocumentIdError, InvalidMessageError, StoredDocumentError, VersionConflictError } from '../errors.ts'
import { openGridfsBlobs } from '../gridfs/open-gridfs-blobs.ts'
import { openTestDatabase } from '../open-test-database.ts'
import {
  ServerAddressError,
  StorageAuthenticationError,
  StorageUnavailableError,
  UnsafeIndexError,
} from '../server-errors.ts'
import type { CollectionDefinition, Versioned } from '../state-store.ts'
import { collect, rejection } from '../testing/collect.ts'
import { message, topic } from '../testing/message-store-contract.ts'
import { connectMongo } from './connect-mongo.ts'
import { MessageKeys } from './message-keys.ts'
import { MessageParts, partsCollection } from './message-parts.ts'
import { checkIndexes } from './mongo-indexes.ts'
import type { MongoLink } from './mongo-link.ts'
import { openMongoMessages } from './open-mongo-messages.ts'
import { openMongoState } from './open-mongo-state.ts'
import { startTcpCut, type TcpCut } from './testing/tcp-cut.ts'

interface Task {
  readonly due?: number
}

const tasks: CollectionDefinition<Task> = {
  name: 'tasks',
  parse: (value) => value as Task,
  dueAt: (value) => value.due,
}

const fail = (code: number) => (): Promise<never> => Promise.reject(new MongoServerError({ code, message: 'no' }))

const short = { selectionMilliseconds: 500, socketMilliseconds: 500 }

/** A link that goes through a cut, with its database. */
async function openCut(
  timeouts = short,
): Promise<AsyncDisposable & { readonly cut: TcpCut; readonly link: MongoLink }> {
  await using stack = new AsyncDisposableStack()
  const cut = stack.use(await startTcpCut(testMongoUri()))
  const database = stack.use(openTestDatabase())
  const link = await database.connect(cut.uri, timeouts)
  const owned = stack.move()
  return { cut, link, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What the driver keeps to itself: the loops that look whether servers are there. */
interface Insides {
  readonly topology: {
    readonly s: {
      readonly servers: Map<
        string,
        { readonly monitor: { monitorId: { stop(): void }; readonly s: { state: string } } }
      >
    }
  }
}

/** The driver's loops stand still, and think that they are at it. */
function deafen({ database }: MongoLink): void {
  const { topology } = database.client as unknown as Insides
  for (const { monitor } of topology.s.servers.values()) {
    monitor.monitorId.stop()
    monitor.s.state = 'monitoring'
  }
}

describe('the link to MongoDB', () => {
  it('begins anew where the driver does not find a server again that is back', async () => {
    await using scene = await openCut()
    const { cut, link } = scene
    const find = (): Promise<unknown> => link.run('look', () => link.database.collection('x').findOne({}))
    expect(await find()).toBe(null)
    deafen(link)
    await cut.cut()
    expect(await rejection(find())).toBeInstanceOf(StorageUnavailableError)
    await cut.mend()
    let failures = 0
    while ((await find().catch((error: unknown) => error)) !== null) failures += 1
    expect(failures).toBeGreaterThan(1)
  })

  it('says that a server cannot be reached, and where it was looked for', async () => {
    const gone = await startTcpCut(testMongoUri())
    await gone.cut()
    const error = await rejection(connectMongo({ uri: gone.uri, namespace: 'x', appName: 'test', timeouts: short }))
    expect(error).toBeInstanceOf(StorageUnavailableError)
    expect(error).toMatchObject({ server: new URL(gone.uri).host, operation: 'connect' })
  })

  it('refuses an address that is none, and does not show it', async () => {
    const uri = 'mongodb://name:secret@'
    const error = await rejection(connectMongo({ uri, namespace: 'x', appName: 'test' }))
    expect(error).toBeInstanceOf(ServerAddressError)
    expect(String(error)).not.toContain('secret')
  })

  it('takes the database that the address names, and else the one that it is given', async () => {
    await using named = await connectMongo({
      uri: new URL('/named', testMongoUri()).href,
      namespace: 'x',
      appName: 't',
    })
    expect(named.database.databaseName).toBe('named')
    await using given = await connectMongo({ uri: testMongoUri(), namespace: 'given', appName: 't' })
    expect(given.database.databaseName).toBe('given')
  })

  it('tells who is refused from what is unavailable', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    expect(await rejection(link.run('log in', fail(18)))).toBeInstanceOf(StorageAuthenticationError)
    expect(await rejection(link.run('write', fail(13)))).toMatchObject({ operation: 'write', server: link.server })
    const error = await rejection(link.run('write', fail(91)))
    expect(error).toBeInstanceOf(StorageUnavailableError)
    expect(error).toMatchObject({ operation: 'write', code: 91 })
  })

  it('is refused after closing, which may be done twice', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    const state = await openMongoState({ link })
    await state.collection(tasks).put('a', {}, 0)
    await link[Symbol.asyncDispose]()
    await link[Symbol.asyncDispose]()
    expect(await rejection(state.collection(tasks).get('a'))).toBeInstanceOf(StorageClosedError)
    expect(await rejection(openMongoMessages({ link }))).toBeInstanceOf(StorageClosedError)
  })
})

describe('an outage', () => {
  it('fails what is asked meanwhile, and what is asked afterwards goes on by itself', async () => {
    await using scene = await openCut({ selectionMilliseconds: 2_000, socketMilliseconds: 2_000 })
    const { link, cut } = scene
    const state = (await openMongoState({ link })).collection(tasks)
    const messages = await openMongoMessages({ link })
    const blobs = await openGridfsBlobs({ link })
    await state.put('a', {}, 0)
    await cut.cut()
    for (const asked of [
      () => state.get('a'),
      () => state.put('a', {}, 1),
      () => state.putMany([{ id: 'b', value: {}, expectedVersion: 0 }]),
      () => state.claimDue({ owner: 'one', now: 1, leaseSeconds: 1 }),
      () => collect(state.list()),
      () => messages.ingest('community', [message('a', 1)], 'pending'),
      () => collect(messages.range('community', {})),
      () => blobs.put([Uint8Array.of(1)]),
      () => collect(blobs.list()),
    ])
      expect(await rejection(asked())).toBeInstanceOf(StorageUnavailableError)
    await cut.mend()
    expect(await state.put('a', {}, 1)).toMatchObject({ version: 2 })
    expect(await messages.ingest('community', [message('a', 1)], 'pending')).toMatchObject({ stored: 1 })
    await blobs.put([Uint8Array.of(1)])
    expect(await collect(blobs.list())).toHaveLength(1)
  })

  it('of a network that says nothing any more ends a call all the same, and closing as well', async () => {
    await using scene = await openCut()
    const { link, cut } = scene
    const state = (await openMongoState({ link })).collection(tasks)
    await state.put('a', {}, 0)
    cut.hold()
    expect(await rejection(state.get('a'))).toBeInstanceOf(StorageUnavailableError)
    await cut.mend()
    expect(await state.get('a')).toMatchObject({ version: 1 })
    cut.hold()
    await link[Symbol.asyncDispose]()
  })

  it('in the middle of a reading does not end it: it goes on behind what was read', async () => {
    await using scene = await openCut({ selectionMilliseconds: 5_000, socketMilliseconds: 5_000 })
    const { link, cut } = scene
    const store = await openMongoMessages({ link })
    const messages = Array.from({ length: 2500 }, (_, index) => message(`m${index}`, index))
    await store.ingest('community', messages, 'pending')
    const read: number[] = []
    for await (const batch of store.range('community', {})) {
      read.push(...batch.map(({ timestamp }) => timestamp))
      await cut.cut()
      await cut.mend()
    }
    expect(read).toStrictEqual(messages.map(({ timestamp }) => timestamp))
  })
})

describe('an answer that is lost on the way', () => {
  it('does not make a write fail, nor be done twice', async () => {
    await using scene = await openCut({ selectionMilliseconds: 5_000, socketMilliseconds: 5_000 })
    const { link, cut } = scene
    const state = (await openMongoState({ link })).collection(tasks)
    await state.put('warm', {}, 0)
    cut.loseAnswerTo('state.tasks')
    expect(await state.put('a', { due: 1 }, 0)).toStrictEqual({ id: 'a', version: 1, value: { due: 1 } })
    cut.loseAnswerTo('state.tasks')
    expect(await state.put('a', { due: 2 }, 1)).toStrictEqual({ id: 'a', version: 2, value: { due: 2 } })
    expect(await state.get('a')).toMatchObject({ version: 2 })
    cut.loseAnswerTo('state.tasks')
    const outcomes = await state.putMany([
      { id: 'a', value: {}, expectedVersion: 2 },
      { id: 'b', value: {}, expectedVersion: 0 },
      { id: 'warm', value: {}, expectedVersion: 7 },
    ])
    expect(outcomes).toMatchObject([{ id: 'a', version: 3 }, { id: 'b', version: 1 }, { actualVersion: 1 }])
    expect(outcomes[2]).toBeInstanceOf(VersionConflictError)
    cut.loseAnswerTo('state.tasks')
    await state.delete('a', 3)
    expect(await state.get('a')).toBeUndefined()
  })

  it('leaves a claim that ends with its lease', async () => {
    await using scene = await openCut({ selectionMilliseconds: 5_000, socketMilliseconds: 5_000 })
    const { link, cut } = scene
    const state = (await openMongoState({ link })).collection(tasks)
    await state.put('a', { due: 100 }, 0)
    cut.loseAnswerTo('findAndModify')
    // A replica set lets the driver ask again; a server that stands alone does not.
    await state.claimDue({ owner: 'one', now: 100, leaseSeconds: 60 }).catch((error: unknown) => {
      if (!(error instanceof StorageUnavailableError)) throw error
    })
    expect(await state.claimDue({ owner: 'two', now: 159, leaseSeconds: 60 })).toBeUndefined()
    expect(await state.claimDue({ owner: 'two', now: 160, leaseSeconds: 60 })).toMatchObject({ id: 'a', version: 3 })
  })

  it('lets messages and blobs be stored once', async () => {
    await using scene = await openCut({ selectionMilliseconds: 5_000, socketMilliseconds: 5_000 })
    const { link, cut } = scene
    const messages = await openMongoMessages({ link })
    const batch = [message('a', 1), message('b', 2)]
    cut.loseAnswerTo('messages')
    await messages.ingest('community', batch, 'pending')
    expect(await messages.summary('community')).toMatchObject({ messages: 2, pending: 2 })
    cut.loseAnswerTo('messages')
    await messages.settle('community', batch, 'archived')
    expect(await messages.pendingCount('community')).toBe(0)
    const blobs = await openGridfsBlobs({ link })
    for (const lost of ['blobs.chunks', 'left/draft', 'lastPutAt']) {
      cut.loseAnswerTo(lost)
      const { key } = await blobs.put([new TextEncoder().encode(lost)])
      expect(Buffer.concat(await collect(blobs.read(key))).toString()).toBe(lost)
    }
    expect(await link.database.collection('blobs.files').countDocuments()).toBe(3)
  })
})

describe('many processes', () => {
  it('may be the first at the same time', async () => {
    await using database = openTestDatabase()
    const links = await Promise.all(Array.from({ length: 8 }, () => database.connect()))
    await Promise.all(
      links.map(async (link, index) => {
        const state = await openMongoState({ link })
        await state.collection(tasks).put(`task-${index}`, { due: index }, 0)
        await (await openMongoMessages({ link })).ingest('community', [message('same', 1)], 'pending')
        await (await openGridfsBlobs({ link })).put([Uint8Array.of(1)])
      }),
    )
    const [link = await database.connect()] = links
    expect(await collect((await openMongoState({ link })).collection(tasks).list())).toHaveLength(8)
    expect(await (await openMongoMessages({ link })).summary('community')).toMatchObject({ messages: 1 })
    expect(await collect((await openGridfsBlobs({ link })).list())).toHaveLength(1)
    expect(await checkIndexes(link)).toStrictEqual([])
  })

  it('claim each document once, whoever asks for one or for many', async () => {
    await using database = openTestDatabase()
    const links = await Promise.all(Array.from({ length: 8 }, () => database.connect()))
    const collections = await Promise.all(links.map(async (link) => (await openMongoState({ link })).collection(tasks)))
    const ids = Array.from({ length: 400 }, (_, index) => `task-${String(index).padStart(3, '0')}`)
    await collections[0]?.putMany(ids.map((id, due) => ({ id, value: { due: due % 50 }, expectedVersion: 0 })))
    const claimed: Versioned<Task>[] = []
    await Promise.all(
      collections.map(async (collection, index) => {
        const claim = { owner: `owner-${index}`, now: 100, leaseSeconds: 60 }
        const next = (): Promise<readonly Versioned<Task>[]> => collection.claimDueMany(claim, index < 4 ? 1 : 9)
        for (let rows = await next(); rows.length > 0; rows = await next()) claimed.push(...rows)
      }),
    )
    expect(claimed.map(({ id }) => id).sort()).toStrictEqual(ids)
    expect(claimed.every(({ version }) => version === 2)).toBe(true)
  })

  it('settle and store the same messages in any order without waiting for each other for ever', async () => {
    await using database = openTestDatabase()
    const links = await Promise.all(Array.from({ length: 6 }, () => database.connect()))
    const stores = await Promise.all(links.map((link) => openMongoMessages({ link })))
    const messages = Array.from({ length: 600 }, (_, index) => message(`m${index}`, index % 7))
    const results = await Promise.all(
      stores.map(async (store, index) => {
        const mine = index % 2 === 0 ? messages : messages.toReversed()
        const { stored } = await store.ingest('community', mine, index % 3 === 0 ? 'archived' : 'pending')
        await store.settle('community', mine.slice(0, 500), 'archived')
        return stored
      }),
    )
    expect(results.reduce((sum, stored) => sum + stored, 0)).toBe(600)
    expect(await stores[0]?.summary('community')).toMatchObject({ messages: 600, pending: 0 })
  })
})

describe('indexes', () => {
  it('that are missing or differ are told, and made where they are missing', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    await openMongoMessages({ link })
    await (await openMongoState({ link })).collection(tasks).put('a', {}, 0)
    await link.database.collection('messages').dropIndex('pending_1')
    await link.database.collection('state.tasks').dropIndex('readyAt_1')
    await link.database.collection('state.tasks').createIndex({ readyAt: 1 }, { name: 'readyAt_1' })
    expect(await checkIndexes(link)).toMatchObject([
      { collection: 'messages', index: 'pending_1', problem: 'missing' },
      { collection: 'state.tasks', index: 'readyAt_1', problem: 'different', found: { key: { readyAt: 1 } } },
    ])
    const again = await database.connect()
    await openMongoMessages({ link: again })
    expect(await (await openMongoState({ link: again })).collection(tasks).put('b', {}, 0)).toMatchObject({
      version: 1,
    })
    expect(await checkIndexes(again)).toMatchObject([{ index: 'readyAt_1', problem: 'different' }])
  })

  it('that must be unique and are not keep the blobs closed', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    await link.database.collection('blobs.files').createIndex({ filename: 1 }, { name: 'filename_unique' })
    const error = await rejection(openGridfsBlobs({ link }))
    expect(error).toBeInstanceOf(UnsafeIndexError)
    expect(error).toMatchObject({ collection: 'blobs.files', index: 'filename_unique' })
  })
})

describe('what cannot be stored', () => {
  it('is refused: ids that could not be told apart or are too long, values that are too long', async () => {
    await using database = openTestDatabase()
    const collection = (await openMongoState({ link: await database.connect() })).collection<unknown>({
      name: 'things',
      parse: (value) => value,
    })
    for (const id of ['with \0 inside', 'half a \uD83D pair', 'ä'.repeat(1001)]) {
      const error = await rejection(collection.put(id, {}, 0))
      expect(error).toBeInstanceOf(InvalidDocumentIdError)
      expect(error).toMatchObject({ collection: 'things', id })
    }
    expect(await collection.put('ä'.repeat(1000), {}, 0)).toMatchObject({ version: 1 })
    expect(await rejection(collection.put('a', 'x'.repeat(16_000_000), 0))).toBeInstanceOf(StoredDocumentError)
  })

  it('is refused with its batch: messages of no time, no hash, or fields without measure', async () => {
    await using database = openTestDatabase()
    const store = await openMongoMessages({ link: await database.connect() })
    for (const [field, bad] of [
      ['timestamp', message('bad', -1)],
      ['timestamp', message('bad', 1.5)],
      ['timestamp', message('bad', 2 ** 60)],
      ['hash', message('bad', 1, { hash: new Uint8Array() })],
      ['hash', message('bad', 1, { hash: new Uint8Array(300) })],
      ['padding', message('bad', 1, { padding: new Uint8Array(2_000_000) })],
    ] as const) {
      const error = await rejection(store.ingest('community', [message('good', 1), bad], 'pending'))
      expect(error).toBeInstanceOf(InvalidMessageError)
      expect(error).toMatchObject({ communityId: 'community', index: 1, field })
    }
    expect(await store.span('community')).toStrictEqual({})
  })
})

describe('messages that are longer than a document', () => {
  const payload = new Uint8Array(9_000_000).fill(1)
  const long = message('long', 1, { payload })

  it('leave nothing of uploads that a crash cut off or that came second', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    const store = await openMongoMessages({ link })
    const parts = link.database.collection(partsCollection)
    await new MessageParts(link).upload(new MessageKeys('community').of(long), long)
    expect(await parts.countDocuments()).toBe(2)
    await Promise.all([1, 2].map(() => store.ingest('community', [long], 'pending')))
    expect(await store.ingest('community', [long], 'archived')).toStrictEqual({ stored: 0, known: 1 })
    expect(await parts.countDocuments()).toBe(2)
    const [read] = (await collect(store.range('community', {}))).flat()
    expect(Buffer.compare(read?.payload ?? new Uint8Array(), payload)).toBe(0)
    await store.deleteCommunity('community')
    expect(await parts.countDocuments()).toBe(0)
  })

  it('are told from others that are damaged', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    const store = await openMongoMessages({ link })
    await store.ingest('community', [long, message('short', 2)], 'pending')
    await link.database.collection(partsCollection).deleteOne({})
    const error = await rejection(collect(store.pending('community', { before: 10, topics: [topic(1)] })))
    expect(error).toBeInstanceOf(StoredDocumentError)
    expect(error).toMatchObject({ collection: partsCollection })
  })
})
