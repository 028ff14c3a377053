import { DatabaseSync } from 'node:sqlite'
import { checkKind, readPragma } from './database.ts'
import type { DatabaseSchema } from './database.ts'
import { toStorageError } from './sqlite-error-codes.ts'
import { SchemaTooNewError } from './storage-errors.ts'

/** What a database should be: its schema, without the scripts that make it. */
export interface ExpectedDatabase extends Pick<DatabaseSchema, 'kind' | 'applicationId'> {
  /** The newest schema version that is known. */
  readonly knownVersion: number
}

/** What a look at a database found. */
export interface DatabaseInspection {
  readonly schemaVersion: number
  /** What SQLite says is damaged, the first of it; empty where nothing is. */
  readonly damages: readonly string[]
}

const mostDamages = 5

/**
 * Reads the whole of a database and compares it with what it should be (`PRAGMA quick_check`), writing nothing. Takes as
 * long as reading the file does, and nothing else happens in this thread meanwhile.
 * @throws NotADatabaseError, SchemaTooNewError, StorageIoError
 */
export function inspectDatabase(path: string, expected: ExpectedDatabase): DatabaseInspection {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    checkKind(database, path, expected)
    const schemaVersion = readPragma(database, 'user_version')
    const { knownVersion } = expected
    if (schemaVersion > knownVersion) throw new SchemaTooNewError(path, schemaVersion, knownVersion)
    const rows = database.prepare(`PRAGMA quick_check(${mostDamages})`).all()
    const texts = rows.flatMap((row) => Object.values(row).map(String))
    return { schemaVersion, damages: texts.filter((text) => text !== 'ok') }
  } catch (error) {
    throw toStorageError(error, path, 'read', expected.kind)
  } finally {
    database?.close()
  }
}
