import { DatabaseSync } from 'node:sqlite'
import { checkKind, readPragma } from './database.ts'
import type { DatabaseSchema } from './database.ts'
import { toStorageError } from './sqlite-error-codes.ts'
import { SchemaTooNewError } from './storage-errors.ts'

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
export function inspectDatabase(path: string, schema: DatabaseSchema): DatabaseInspection {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    checkKind(database, path, schema)
    const schemaVersion = readPragma(database, 'user_version')
    const known = schema.migrations.length
    if (schemaVersion > known) throw new SchemaTooNewError(path, schemaVersion, known)
    const rows = database.prepare(`PRAGMA quick_check(${mostDamages})`).all()
    const texts = rows.flatMap((row) => Object.values(row).map(String))
    return { schemaVersion, damages: texts.filter((text) => text !== 'ok') }
  } catch (error) {
    throw toStorageError(error, path, 'read', schema.kind)
  } finally {
    database?.close()
  }
}
