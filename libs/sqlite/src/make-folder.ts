import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { StorageIoError } from './storage-errors.ts'

/**
 * Makes a folder with all above it, so that it is still there after a power loss.
 * @throws StorageIoError
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path)
  const first = await guardFileSystem(folder, 'make the folder', () => mkdir(folder, { recursive: true }))
  if (first === undefined) return
  // The entry of a new folder stands in the one above it.
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made))
    if (made === resolve(first) || made === dirname(made)) return
  }
}

/** Makes names that were added to or removed from a folder durable. @throws StorageIoError */
export async function syncFolder(path: string): Promise<void> {
  await guardFileSystem(path, 'sync the folder', async () => {
    await using folder = await open(path, 'r')
    await folder.sync()
  })
}

/** Runs an operation on a file and makes a StorageIoError of the system's refusal. */
export async function guardFileSystem<T>(path: string, operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw hasSystemCode(error) ? new StorageIoError(path, operation, error.code, error) : error
  }
}

/** True for errors of the operating system, which carry a code such as `ENOENT`. */
export function hasSystemCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}
