import { backup, DatabaseSync } from 'node:sqlite'
import { access, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checkKind } from './database.ts'
import type { DatabaseSchema } from './database.ts'
import { guardFileSystem, makeFolder, syncFolder } from './make-folder.ts'
import { toStorageError } from './sqlite-error-codes.ts'

export interface DatabaseCopy {
  readonly from: string
  /** Must not be there yet. */
  readonly to: string
  readonly schema: Pick<DatabaseSchema, 'kind' | 'applicationId'>
}

const lockTimeoutMilliseconds = 30_000

/**
 * Copies databases as all of them are at one moment, while another process works on them: as if that process had been
 * killed just then. Its writes wait for some milliseconds; after that the files are read beside it, and their write-ahead logs
 * grow for as long as that takes. Resolves when the copies are on the disk.
 * @throws NotADatabaseError, StorageIoError, also where a writer did not let go of a file for half a minute
 */
export async function copyDatabases(copies: readonly DatabaseCopy[]): Promise<void> {
  // SQLite would make what is not there.
  for (const { from } of copies) await guardFileSystem(from, 'open', () => access(from))
  using stack = new DisposableStack()
  const sources = readTogether(copies, stack)
  for (const { copy, database } of sources) {
    await makeFolder(dirname(copy.to))
    try {
      await backup(database, copy.to)
    } catch (error) {
      throw toStorageError(error, copy.to, 'write', copy.schema.kind)
    }
    await guardFileSystem(copy.to, 'sync', async () => {
      await using file = await open(copy.to, 'r+')
      await file.sync()
    })
    await syncFolder(dirname(copy.to))
  }
}

interface Source {
  readonly copy: DatabaseCopy
  /** In a transaction that sees the moment. */
  readonly database: DatabaseSync
}

/** Holds off whoever writes to any of them until every one of them is being read. */
function readTogether(copies: readonly DatabaseCopy[], stack: DisposableStack): Source[] {
  using locks = new DisposableStack()
  for (const { from, schema } of copies)
    guard(from, 'lock', schema, () => {
      const lock = locks.adopt(new DatabaseSync(from, { timeout: lockTimeoutMilliseconds }), (each) => each.close())
      checkKind(lock, from, schema)
      lock.exec('BEGIN IMMEDIATE')
    })
  return copies.map((copy) =>
    guard(copy.from, 'read', copy.schema, () => {
      const database = stack.adopt(new DatabaseSync(copy.from, { readOnly: true }), (each) => each.close())
      database.exec('BEGIN')
      // Only what is read fixes the moment.
      database.prepare('SELECT count(*) FROM sqlite_schema').get()
      return { copy, database }
    }),
  )
}

function guard<T>(path: string, operation: string, { kind }: DatabaseCopy['schema'], work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toStorageError(error, path, operation, kind)
  }
}
