import { isDeepStrictEqual } from 'node:util'
import { MongoServerError, type Db } from 'mongodb'
import { UnsafeIndexError } from '../server-errors.ts'
import type { MongoLink } from './mongo-link.ts'
import type { MongoLog } from './mongo-log.ts'

export interface IndexDefinition {
  readonly name: string
  readonly key: Readonly<Record<string, 1>>
  readonly unique?: true
  readonly partialFilterExpression?: Readonly<Record<string, { readonly $exists: true }>>
}

/** What stands in the database in another way than the adapters count on. */
export interface IndexFinding {
  readonly collection: string
  readonly index: string
  readonly problem: 'missing' | 'different'
  readonly expected: IndexDefinition
  /** As the server describes it; of one that differs. */
  readonly found?: object
}

export const statePrefix = 'state.'

/** An index over the documents only that have the field: it costs nothing for the others. */
const sparse = (field: string): IndexDefinition => ({
  name: `${field}_1`,
  key: { [field]: 1 },
  partialFilterExpression: { [field]: { $exists: true } },
})

/** Every index of Annals, by collection. What `_id` is for needs none. */
const indexes: Readonly<Record<string, readonly IndexDefinition[]>> = {
  messages: [sparse('pending')],
  // GridFS asks for the last one; the first makes a blob visible once.
  'blobs.files': [
    { name: 'filename_unique', key: { filename: 1 }, unique: true },
    { name: 'filename_1_uploadDate_1', key: { filename: 1, uploadDate: 1 } },
  ],
  'blobs.chunks': [{ name: 'files_id_1_n_1', key: { files_id: 1, n: 1 }, unique: true }],
}

const stateIndexes = [sparse('readyAt'), sparse('heldUntil')]

function indexesOf(collection: string): readonly IndexDefinition[] {
  return collection.startsWith(statePrefix) ? stateIndexes : (indexes[collection] ?? [])
}

/**
 * Makes what is missing. What is there and differs is left as it is and told to the log: dropping an index of a large
 * collection is for an operator to decide. @throws UnsafeIndexError where what must be unique is not
 */
export async function ensureIndexes(database: Db, collection: string, log: MongoLog): Promise<void> {
  const found = await findIndexes(database, collection)
  for (const expected of indexesOf(collection)) {
    const same = found.find(({ name }) => name === expected.name)
    if (same !== undefined) {
      if (matches(expected, same)) continue
      if (expected.unique === true && same.unique !== true) throw new UnsafeIndexError(collection, expected.name)
      log.warn({ collection, expected, found: same }, 'an index differs from what it should be')
      continue
    }
    const { key, ...options } = expected
    try {
      await database.collection(collection).createIndex(key, options)
    } catch (error) {
      if (!isIndexConflict(error)) throw error
      log.warn({ collection, expected, err: error }, 'an index differs from what it should be')
    }
  }
}

/** Looks at all collections of the database that are there; for a check-up by an operator. @throws as `MongoLink.run` */
export async function checkIndexes(link: MongoLink): Promise<readonly IndexFinding[]> {
  return link.run('look at the indexes', async () => {
    const findings: IndexFinding[] = []
    const collections = await link.database.listCollections({}, { nameOnly: true }).toArray()
    for (const collection of collections.map(({ name }) => name).sort()) {
      const found = await findIndexes(link.database, collection)
      for (const expected of indexesOf(collection)) {
        const same = found.find(({ name }) => name === expected.name)
        const finding = { collection, index: expected.name, expected }
        if (same === undefined) findings.push({ ...finding, problem: 'missing' })
        else if (!matches(expected, same)) findings.push({ ...finding, problem: 'different', found: same })
      }
    }
    return findings
  })
}

interface FoundIndex {
  readonly name?: string
  readonly key: object
  readonly unique?: boolean
  readonly partialFilterExpression?: object
}

async function findIndexes(database: Db, collection: string): Promise<readonly FoundIndex[]> {
  try {
    return await database.collection(collection).indexes()
  } catch (error) {
    // No such collection yet.
    if (error instanceof MongoServerError && error.code === 26) return []
    throw error
  }
}

function matches(expected: IndexDefinition, found: FoundIndex): boolean {
  return (
    isDeepStrictEqual(Object.entries(expected.key), Object.entries(found.key)) &&
    (expected.unique ?? false) === (found.unique ?? false) &&
    isDeepStrictEqual(expected.partialFilterExpression, found.partialFilterExpression)
  )
}

/** IndexOptionsConflict, IndexKeySpecsConflict. */
function isIndexConflict(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === 85 || error.code === 86)
}
