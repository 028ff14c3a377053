import { existsSync } from 'node:fs'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { MongoClient, MongoServerSelectionError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { startMongo } from './start-mongo.ts'

async function withDocuments<T>(
  url: string,
  work: (documents: ReturnType<ReturnType<MongoClient['db']>['collection']>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(url, { directConnection: true, serverSelectionTimeoutMS: 2_000 })
  try {
    return await work(client.db('kept').collection('documents'))
  } finally {
    await client.close()
  }
}

const insert = (url: string): Promise<unknown> =>
  withDocuments(url, (documents) =>
    documents.insertOne({ kept: true }, { writeConcern: { w: 'majority', journal: true } }),
  )
const count = (url: string): Promise<number> => withDocuments(url, (documents) => documents.countDocuments())

describe('startMongo', () => {
  it.for(['kill', 'stop'] as const)('finds what was acknowledged again, at the same address, after %s', async (end) => {
    await using server = await startMongo()
    await insert(server.url)
    await server[end]()
    await expect(count(server.url)).rejects.toThrow(MongoServerSelectionError)
    await server.start()
    expect(await count(server.url)).toBe(1)
  })

  it('starts with an empty database each time, and finds that of a folder that was given', async () => {
    const folder = await temporaryFolder('given')
    const given = await startMongo({ folder })
    await insert(given.url)
    await given[Symbol.asyncDispose]()
    await using again = await startMongo({ folder })
    await using own = await startMongo()
    expect(await count(again.url)).toBe(1)
    expect(await count(own.url)).toBe(0)
  })

  it('removes a folder of its own at the end', async () => {
    const server = await startMongo()
    await server[Symbol.asyncDispose]()
    expect(existsSync(server.folder)).toBe(false)
  })
})
