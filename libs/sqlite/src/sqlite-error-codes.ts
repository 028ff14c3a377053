import { NotADatabaseError, StorageIoError } from './storage-errors.ts'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const names: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  22: 'SQLITE_NOLFS',
  23: 'SQLITE_AUTH',
  26: 'SQLITE_NOTADB',
}

const notADatabase = 26
const busy = 5

/** The primary result code of an error that SQLite made; `undefined` for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === busy
}

/**
 * Makes a typed error of one that tells of the disk or the file. Others, such as a constraint that does not hold, are
 * mistakes of the program and stay what they are.
 */
export function toStorageError(error: unknown, path: string, operation: string, expected: string): unknown {
  const code = resultCode(error)
  if (code === undefined) return error
  if (code === notADatabase) return new NotADatabaseError(path, expected, 'it is no SQLite file', error)
  const name = names[code]
  return name === undefined ? error : new StorageIoError(path, operation, name, error)
}
