import type { Collection, CollectionDefinition, StateStore } from '../state-store.ts'
import { DueCandidates } from './due-candidates.ts'
import { MongoCollection } from './mongo-collection.ts'
import { statePrefix } from './mongo-indexes.ts'
import type { MongoLink } from './mongo-link.ts'
import type { StateDocument } from './state-documents.ts'

/**
 * Documents in MongoDB, one collection a definition, for any number of processes. Claims of a process that was killed
 * end with their lease.
 */
export async function openMongoState(options: { readonly link: MongoLink }): Promise<StateStore> {
  return new MongoState(options.link)
}

class MongoState implements StateStore {
  readonly #link: MongoLink
  /** By collection: who asks for one again and again is to know what was looked up. */
  readonly #candidates = new Map<string, DueCandidates>()

  constructor(link: MongoLink) {
    this.#link = link
  }

  collection<T>(definition: CollectionDefinition<T>): Collection<T> {
    const documents = this.#link.database.collection<StateDocument>(`${statePrefix}${definition.name}`)
    const candidates = this.#candidates.get(definition.name) ?? new DueCandidates(documents)
    this.#candidates.set(definition.name, candidates)
    return new MongoCollection(this.#link, definition, documents, candidates)
  }

  async scrub(): Promise<void> {
    // The files are the server's.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The link is closed by whoever made it.
  }
}
