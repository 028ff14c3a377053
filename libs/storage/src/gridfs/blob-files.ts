import type { Binary, Collection, ObjectId } from 'mongodb'
import type { MongoLink } from '../mongo/mongo-link.ts'

/** A file of the bucket, as GridFS describes it. https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md */
export interface BlobFile {
  readonly _id: ObjectId
  /** The blob's key; or, of what is not to be seen, `left/draft/<id>` or `left/gone/<id>`. Unique. */
  readonly filename: string
  readonly length: number
  readonly chunkSize: number
  readonly uploadDate: Date
  readonly metadata: {
    /** Unix milliseconds. */
    readonly lastPutAtMilliseconds?: number
    /** Of what is not to be seen: since when. */
    readonly leftAtMilliseconds?: number
  }
}

export interface BlobChunk {
  readonly _id: ObjectId
  readonly files_id: ObjectId
  readonly n: number
  readonly data: Binary
}

export const filesCollection = 'blobs.files'
export const chunksCollection = 'blobs.chunks'

/** What is left over has names of this range. */
export const leftRange = { $gte: 'left/', $lt: 'left0' }

export function draftName(id: ObjectId): string {
  return `left/draft/${id.toHexString()}`
}

function goneName(id: ObjectId): string {
  return `left/gone/${id.toHexString()}`
}

/** The bucket's two collections, and how a file goes. */
export class BlobFiles {
  readonly link: MongoLink
  readonly files: Collection<BlobFile>
  readonly chunks: Collection<BlobChunk>
  readonly #now: () => number

  constructor(link: MongoLink, now: () => number) {
    this.link = link
    this.files = link.database.collection(filesCollection)
    this.chunks = link.database.collection(chunksCollection)
    this.#now = now
  }

  now(): number {
    return this.#now()
  }

  /** Does something at the server that may be done twice. */
  run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.link.run(operation, work, { repeatable: true })
  }

  /**
   * Removes a file that still has the given name, and perhaps was not put since a moment. First it loses its name, in one
   * step: who looks for it does not find it, and if this is cut off, a sweep finds what is left. Answers whether it went.
   */
  async remove(
    { _id, filename }: Pick<BlobFile, '_id' | 'filename'>,
    notPutSinceMilliseconds = Infinity,
  ): Promise<boolean> {
    const gone = goneName(_id)
    const wentNow = await this.run('remove a blob', async () => {
      const unused =
        notPutSinceMilliseconds === Infinity
          ? {}
          : { 'metadata.lastPutAtMilliseconds': { $lt: notPutSinceMilliseconds } }
      const { matchedCount } = await this.files.updateOne(
        { _id, filename, ...unused },
        { $set: { filename: gone, 'metadata.leftAtMilliseconds': this.#now() } },
      )
      // Or by the same call, whose answer was lost.
      return matchedCount > 0 || (await this.files.findOne({ _id, filename: gone })) !== null
    })
    if (wentNow) await this.#clear(_id)
    return wentNow
  }

  async #clear(id: ObjectId): Promise<void> {
    await this.run('remove the content of a blob', async () => {
      await this.chunks.deleteMany({ files_id: id })
      await this.files.deleteOne({ _id: id, filename: goneName(id) })
    })
  }
}
