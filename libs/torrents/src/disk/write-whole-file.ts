import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DiskError } from '../errors.ts'

let counter = 0

/**
 * Puts a file in its place whole or not at all, durably. The bytes are first written in a folder of their own on the
 * same file system, so that nothing unfinished is ever seen in the target's folder.
 * @throws DiskError
 */
export async function writeWholeFile(temporaryFolder: string, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(temporaryFolder, `${process.pid}-${(counter += 1)}`)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new DiskError(path, error)
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
