import { DatabaseSync } from 'node:sqlite'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guardFileSystem, makeFolder } from './make-folder.ts'
import { isBusy, toStorageError } from './sqlite-error-codes.ts'
import { FolderInUseError } from './storage-errors.ts'

/**
 * Keeps every other process off a data folder until disposed of. The lock is the operating system's (SQLite's
 * exclusive lock on `lock.db`), so it ends with the process, however that ends; `lock.pid` is only for the message.
 * @throws FolderInUseError, StorageIoError
 */
export async function lockFolder(path: string): Promise<AsyncDisposable> {
  await makeFolder(path)
  const { lockPath, pidPath } = lockFiles(path)
  const lock = takeLock(path, lockPath, pidPath)
  try {
    await guardFileSystem(pidPath, 'write', () => writeFile(pidPath, `${process.pid}\n`))
  } catch (error) {
    lock.close()
    throw error
  }
  let held = true
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      if (!held) return
      held = false
      // First the text, then the lock: a process that comes after must not lose its own.
      try {
        await guardFileSystem(pidPath, 'remove', () => rm(pidPath, { force: true }))
      } finally {
        lock.close()
      }
    },
  }
}

export function lockFiles(path: string): { readonly lockPath: string; readonly pidPath: string } {
  return { lockPath: join(path, 'lock.db'), pidPath: join(path, 'lock.pid') }
}

function takeLock(path: string, lockPath: string, pidPath: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(lockPath, { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if (lock?.isOpen === true) lock.close()
    if (isBusy(error)) throw new FolderInUseError(path, readPid(pidPath), error)
    throw toStorageError(error, lockPath, 'lock', 'lock')
  }
}

export function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined
  }
}
