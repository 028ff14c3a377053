import { GroupCommit, openDatabase, type Database } from '@annals/sqlite'
import type { Collection, CollectionDefinition, StateStore } from '../state-store.ts'
import { SqliteCollection } from './sqlite-collection.ts'
import { stateSchema } from './state-schema.ts'

export interface SqliteStateOptions {
  /** The database file; made where it is missing, with the folders above it. */
  readonly path: string
  /**
   * Ends all claims. For who holds the folder's lock, and so knows that whoever made them is gone: what a killed
   * process held is taken up at once, not when its lease has run out.
   */
  readonly endClaims?: boolean
}

/**
 * Documents in one SQLite file. Several processes may have it open at once.
 * @throws NotADatabaseError, SchemaTooNewError, StorageIoError
 */
export async function openSqliteState(options: SqliteStateOptions): Promise<StateStore> {
  const database = await openDatabase({ path: options.path, schema: stateSchema })
  if (options.endClaims === true)
    database.transaction(() =>
      database.prepare('UPDATE documents SET available_at = due_at, owner = NULL WHERE owner IS NOT NULL').run(),
    )
  return new SqliteState(database)
}

class SqliteState implements StateStore {
  readonly #database: Database
  readonly #commits: GroupCommit

  constructor(database: Database) {
    this.#database = database
    this.#commits = new GroupCommit(database)
  }

  collection<T>(definition: CollectionDefinition<T>): Collection<T> {
    return new SqliteCollection(this.#database, this.#commits, definition)
  }

  async scrub(): Promise<void> {
    this.#commits.flush()
    this.#database.scrub()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#commits.flush()
    this.#database.close()
  }
}
