import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { lockFiles, readPid } from './lock-folder.ts'
import { isBusy, toStorageError } from './sqlite-error-codes.ts'

/** Who has the lock of a folder. */
export interface FolderHolder {
  /** Where it could be read. */
  readonly pid: number | undefined
}

/**
 * Who works on a data folder; `undefined` for nobody. Leaves the folder as it is: whoever holds the lock has left its
 * process id, and where there is none the lock is not touched, so that a node that starts just now is not turned away.
 * @throws StorageIoError, NotADatabaseError
 */
export function findFolderHolder(path: string): FolderHolder | undefined {
  const { lockPath, pidPath } = lockFiles(path)
  if (!existsSync(pidPath) || !existsSync(lockPath)) return undefined
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(lockPath, { timeout: 0, readOnly: true })
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return undefined
  } catch (error) {
    if (isBusy(error)) return { pid: readPid(pidPath) }
    throw toStorageError(error, lockPath, 'look at', 'lock')
  } finally {
    lock?.close()
  }
}
