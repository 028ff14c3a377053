import { StoredDocumentError } from '../errors.ts'
import type { CollectionDefinition, Versioned } from '../state-store.ts'
import { statePrefix } from './mongo-indexes.ts'
import type { MongoLink } from './mongo-link.ts'
import type { StateDocument } from './state-documents.ts'

/** A document of the state, and when it was last written. */
export interface WrittenDocument<T> extends Versioned<T> {
  /** Unix milliseconds, whole seconds, by the clock of the process that wrote it. */
  readonly writtenAtMilliseconds: number
}

/** So many are read of a collection at most. */
const mostDocuments = 10_000

/**
 * The documents of a collection with the time of their last write, for a look from outside.
 * @throws StoredDocumentError, and as `MongoLink.run`
 */
export async function listWritten<T>(
  link: MongoLink,
  definition: CollectionDefinition<T>,
): Promise<WrittenDocument<T>[]> {
  const documents = link.database.collection<StateDocument>(`${statePrefix}${definition.name}`)
  const found = await link.run(`list ${documents.collectionName}`, () =>
    documents.find({}, { limit: mostDocuments }).sort({ _id: 1 }).toArray(),
  )
  return found.map((document) => toWritten(definition, document))
}

function toWritten<T>(
  definition: CollectionDefinition<T>,
  { _id: id, version, value, write }: StateDocument,
): WrittenDocument<T> {
  try {
    return {
      id,
      version,
      value: definition.parse(JSON.parse(value)),
      writtenAtMilliseconds: write.getTimestamp().getTime(),
    }
  } catch (error) {
    throw new StoredDocumentError(definition.name, id, error)
  }
}
