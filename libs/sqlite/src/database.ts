import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { makeFolder } from './make-folder.ts'
import { isBusy, toStorageError } from './sqlite-error-codes.ts'
import { NotADatabaseError, SchemaTooNewError, StorageClosedError, StorageIoError } from './storage-errors.ts'

export interface DatabaseSchema {
  /** What the file holds, for error messages: `events`. */
  readonly kind: string
  /** Stands in the file's header and tells it from databases of another kind; 32 bits, not 0. */
  readonly applicationId: number
  /** One script for each schema version; a file of version n has had the first n. Never changed, only added to. */
  readonly migrations: readonly string[]
}

export interface OpenDatabaseOptions {
  readonly path: string
  readonly schema: DatabaseSchema
  /** Only for a new file. Larger ones suit long rows, smaller ones many small changes. */
  readonly pageBytes?: number
  readonly cacheBytes?: number
  /** How long to wait for a lock that another process holds. */
  readonly busyTimeoutMilliseconds?: number
}

/**
 * What a commit outlives. `power-loss` waits for the disk; `process` is kept by the operating system when the process
 * is killed, and a later commit of the first kind makes it safe as well.
 */
export type Durability = 'power-loss' | 'process'

/** An SQLite file in WAL mode whose failures are typed errors. All calls are synchronous. */
export class Database {
  readonly path: string
  readonly #kind: string
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  #durability: Durability = 'power-loss'

  constructor(path: string, kind: string, database: DatabaseSync) {
    this.path = path
    this.#kind = kind
    this.#database = database
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#rollback = database.prepare('ROLLBACK')
  }

  get isOpen(): boolean {
    return this.#database.isOpen
  }

  /** @throws StorageIoError, StorageClosedError */
  prepare(sql: string): StatementSync {
    return this.read(() => this.#database.prepare(sql))
  }

  /** Runs something that reads. No statement may be left unfinished. @throws StorageIoError, StorageClosedError */
  read<T>(work: () => T): T {
    this.#check()
    try {
      return work()
    } catch (error) {
      throw toStorageError(error, this.path, 'read', this.#kind)
    }
  }

  /**
   * Runs the work in one transaction. Whatever it throws undoes all of it.
   * @throws StorageIoError, StorageClosedError, and what the work throws
   */
  transaction<T>(work: () => T, durability: Durability = 'power-loss'): T {
    this.#check()
    try {
      this.#setDurability(durability)
      this.#begin.run()
      const result = work()
      this.#commit.run()
      return result
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.#database.isTransaction) this.#rollback.run()
      throw toStorageError(error, this.path, 'write', this.#kind)
    }
  }

  /**
   * Writes the file anew with what is in it now, and empties the write-ahead log: neither holds a byte of what was
   * overwritten or deleted. Not inside a transaction.
   * @throws StorageIoError, also where another process that has the file open is in the way; StorageClosedError
   */
  scrub(): void {
    this.#check()
    try {
      this.#database.exec('VACUUM')
      const row = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
      if (row?.['busy'] !== 0) throw new StorageIoError(this.path, 'scrub', 'SQLITE_BUSY', 'another process reads it')
    } catch (error) {
      throw toStorageError(error, this.path, 'scrub', this.#kind)
    }
  }

  close(): void {
    if (!this.#database.isOpen) return
    try {
      this.#database.close()
    } catch (error) {
      throw toStorageError(error, this.path, 'close', this.#kind)
    }
  }

  #check(): void {
    if (!this.#database.isOpen) throw new StorageClosedError(this.path)
  }

  #setDurability(durability: Durability): void {
    if (durability === this.#durability) return
    this.#database.exec(`PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'}`)
    this.#durability = durability
  }
}

/**
 * Opens or makes a database file, with the folders above it.
 * @throws NotADatabaseError, SchemaTooNewError, StorageIoError
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { path, schema } = options
  const timeout = options.busyTimeoutMilliseconds ?? 5000
  await makeFolder(dirname(path))
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout })
    if (options.pageBytes !== undefined) database.exec(`PRAGMA page_size = ${options.pageBytes}`)
    checkKind(database, path, schema)
    await enterWalMode(database, timeout)
    database.exec('PRAGMA synchronous = FULL')
    database.exec(`PRAGMA cache_size = -${Math.ceil((options.cacheBytes ?? 8 * 1024 * 1024) / 1024)}`)
    migrate(database, path, schema)
    return new Database(path, schema.kind, database)
  } catch (error) {
    if (database?.isOpen === true) database.close()
    throw toStorageError(error, path, 'open', schema.kind)
  }
}

/** SQLite does not wait by itself where another process is about to do the same. */
async function enterWalMode(database: DatabaseSync, timeoutMilliseconds: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMilliseconds; ; await setTimeout(10)) {
    try {
      return database.exec('PRAGMA journal_mode = WAL')
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error
    }
  }
}

/** @throws NotADatabaseError */
export function checkKind(
  database: DatabaseSync,
  path: string,
  schema: Pick<DatabaseSchema, 'kind' | 'applicationId'>,
): void {
  // One read transaction: another process may be making the file at this moment.
  database.exec('BEGIN')
  const applicationId = readPragma(database, 'application_id')
  const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'])
  database.exec('COMMIT')
  if (applicationId === schema.applicationId) return
  if (applicationId !== 0 || tables > 0) {
    throw new NotADatabaseError(path, schema.kind, 'it is an SQLite file of another kind')
  }
}

function migrate(database: DatabaseSync, path: string, schema: DatabaseSchema): void {
  const known = schema.migrations.length
  if (readPragma(database, 'user_version') === known) return
  database.exec('BEGIN IMMEDIATE')
  // Read again: another process may have been faster.
  const found = readPragma(database, 'user_version')
  if (found > known) throw new SchemaTooNewError(path, found, known)
  for (const script of schema.migrations.slice(found)) database.exec(script)
  database.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${known}; COMMIT`)
}

export function readPragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}
