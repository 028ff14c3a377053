import type { MongoLink } from '../mongo/mongo-link.ts'
import { chunksCollection, filesCollection, leftRange, type BlobFile } from './blob-files.ts'

/** How the bucket of blobs stands. */
export interface BlobsInspection {
  /** Blobs, and what is left over of uploads and deletions; about. */
  readonly files: number
  readonly chunks: number
  /** Left over since before the given moment. */
  readonly left: number
}

/** @throws as `MongoLink.run` */
export async function inspectBlobs(link: MongoLink, leftBeforeMilliseconds: number): Promise<BlobsInspection> {
  const files = link.database.collection<BlobFile>(filesCollection)
  const left = { filename: leftRange, 'metadata.leftAtMilliseconds': { $lt: leftBeforeMilliseconds } }
  return link.run('look at the blobs', async () => ({
    files: await files.estimatedDocumentCount(),
    chunks: await link.database.collection(chunksCollection).estimatedDocumentCount(),
    left: await files.countDocuments(left),
  }))
}
