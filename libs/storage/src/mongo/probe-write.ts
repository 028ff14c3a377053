import { randomUUID } from 'node:crypto'
import type { MongoLink } from './mongo-link.ts'

/** The collections of probes begin with it; one that was killed leaves one with a single document. */
const probePrefix = 'doctor-'

/**
 * Writes a document as the stores do, reads it, and removes it with its collection: one that is of this call alone.
 * Answers how long the write took until a majority had it on disk, milliseconds.
 * @throws as `MongoLink.run`
 */
export async function probeWrite(link: MongoLink): Promise<number> {
  return link.run('write as a majority has it', async () => {
    const collection = link.database.collection<{ _id: string }>(`${probePrefix}${randomUUID()}`)
    // Making a collection takes longer than a write.
    await collection.insertOne({ _id: 'first' })
    try {
      const start = performance.now()
      await collection.insertOne({ _id: 'second' })
      const milliseconds = performance.now() - start
      if ((await collection.findOne({ _id: 'second' })) === null) throw new ProbeLostError(collection.collectionName)
      return milliseconds
    } finally {
      await collection.drop()
    }
  })
}

/** What was acknowledged is not there when it is read. */
export class ProbeLostError extends Error {
  override readonly name = 'ProbeLostError'
  readonly collection: string

  constructor(collection: string) {
    super(`a document that was acknowledged is not in ${collection}: are several servers behind one address?`)
    this.collection = collection
  }
}
