import { GridFSBucket, ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { BlobMissingError } from '../errors.ts'
import { openTestDatabase } from '../open-test-database.ts'
import { BlobUploadLostError } from '../server-errors.ts'
import { collect, rejection } from '../testing/collect.ts'
import { BlobFiles } from './blob-files.ts'
import { openGridfsBlobs } from './open-gridfs-blobs.ts'

describe('blobs in GridFS', () => {
  it('can be read with any driver', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    const content = Buffer.alloc(2_500_000, 'history ')
    const { key } = await (await openGridfsBlobs({ link })).put([content])
    const bucket = new GridFSBucket(link.database, { bucketName: 'blobs' })
    const read = Buffer.concat(await collect<Uint8Array>(bucket.openDownloadStreamByName(key)))
    expect(read.equals(content)).toBe(true)
  })

  it('do not list what others keep in the bucket', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    const store = await openGridfsBlobs({ link })
    const { key } = await store.put([Uint8Array.of(1)])
    const { files } = new BlobFiles(link, Date.now)
    for (const filename of ['0', 'notes.txt', 'f'.repeat(63)])
      await files.insertOne({
        _id: new ObjectId(),
        filename,
        length: 0,
        chunkSize: 1,
        uploadDate: new Date(),
        metadata: {},
      })
    expect((await collect(store.list())).map((each) => each.key)).toStrictEqual([key])
    expect(await store.sweep(Infinity)).toBe(0)
  })

  it('say that they are missing when they are deleted while they are read', async () => {
    await using database = openTestDatabase()
    const store = await openGridfsBlobs({ link: await database.connect() })
    const { key } = await store.put([new Uint8Array(9_000_000)])
    const reading = async (): Promise<void> => {
      for await (const _part of store.read(key)) await store.delete(key)
    }
    const error = await rejection(reading())
    expect(error).toBeInstanceOf(BlobMissingError)
    expect(error).toMatchObject({ key })
  })

  it('say so when a sweep takes an upload that stood still for left over, and leave nothing of it', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    let time = 1_000
    const store = await openGridfsBlobs({ link, now: () => time })
    const { files, chunks } = new BlobFiles(link, () => time)
    async function* source(sweepAt: number): AsyncIterable<Uint8Array> {
      for (const start of [1_000, 2_000, 3_000]) {
        time = start
        yield new Uint8Array(5_000_000)
        await store.sweep(sweepAt)
      }
    }
    const { key } = await store.put(source(1_000))
    await store.delete(key)
    expect(await rejection(store.put(source(2_500)))).toBeInstanceOf(BlobUploadLostError)
    expect([await files.countDocuments(), await chunks.countDocuments()]).toStrictEqual([0, 0])
  })

  it('are found by listing, however many there are', async () => {
    await using database = openTestDatabase()
    const link = await database.connect()
    const store = await openGridfsBlobs({ link })
    const { files } = new BlobFiles(link, Date.now)
    const keys = Array.from({ length: 3000 }, (_, index) => {
      const digits = ((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')
      return digits.repeat(8)
    })
    await files.insertMany(
      keys.map((filename) => ({
        _id: new ObjectId(),
        filename,
        length: 0,
        chunkSize: 1,
        uploadDate: new Date(5),
        metadata: { lastPutAtMilliseconds: 5 },
      })),
    )
    expect((await collect(store.list())).map(({ key }) => key).sort()).toStrictEqual(keys.sort())
  })
})
