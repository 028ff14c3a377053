import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@annals/local-servers/testing'
import { MongoClient } from 'mongodb'
import { connectMongo, type MongoTimeouts } from './mongo/connect-mongo.ts'
import type { MongoLink } from './mongo/mongo-link.ts'
import { startTcpCut } from './mongo/testing/tcp-cut.ts'
import type { StoreHarness } from './testing/store-harness.ts'

/** A database of its own, which is dropped when it is disposed of. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string
  /** Links are closed with the database. */
  connect(uri?: string, timeouts?: MongoTimeouts): Promise<MongoLink>
}

export function openTestDatabase(): TestDatabase {
  const name = `test-${randomUUID()}`
  const links: MongoLink[] = []
  return {
    name,
    async connect(uri = testMongoUri(), timeouts) {
      const options = { uri, namespace: name, appName: 'annals-test' }
      const link = await connectMongo(timeouts === undefined ? options : { ...options, timeouts })
      links.push(link)
      return link
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) await link[Symbol.asyncDispose]()
      await using client = new MongoClient(testMongoUri())
      await client.db(name).dropDatabase()
    },
  }
}

/** A store in a database of its own. */
export async function openTestStore<S extends AsyncDisposable>(
  openStore: (link: MongoLink) => Promise<S>,
): Promise<StoreHarness<S> & { readonly link: MongoLink }> {
  const database = openTestDatabase()
  const cut = await startTcpCut(testMongoUri())
  const opened: S[] = []
  const open = async (link: MongoLink): Promise<S> => {
    const store = await openStore(link)
    opened.push(store)
    return store
  }
  const link = await database.connect(cut.uri)
  const closeAll = async (): Promise<void> => {
    for (const store of opened.splice(0)) await store[Symbol.asyncDispose]()
  }
  return {
    link,
    store: await open(link),
    openSecond: async () => open(await database.connect()),
    async restart() {
      await closeAll()
      await link[Symbol.asyncDispose]()
      return open(await database.connect())
    },
    async crash() {
      // As the system does for a process that is killed: its connections end, whatever was under way.
      await cut.cut()
      return open(await database.connect())
    },
    async [Symbol.asyncDispose]() {
      await closeAll()
      await database[Symbol.asyncDispose]()
      await cut[Symbol.asyncDispose]()
    },
  }
}
