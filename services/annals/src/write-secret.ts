import type { FileHandle } from 'node:fs/promises'
import { open, rm } from 'node:fs/promises'
import { UsageError } from './cli-errors.ts'

/**
 * Writes a secret into a new file for this user alone, durably. Never onto standard output, which may be a terminal or a log.
 * @throws UsageError
 */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  if (path === '-') throw new UsageError('keys are written to a file only: name one that is not there yet')
  await writeNewFile(path, (file) => file.writeFile(text))
}

/**
 * Makes a new file for this user alone, durably.
 * @throws UsageError where it cannot be made, and what `write` throws; no file is left then
 */
export async function writeNewFile<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle
  try {
    file = await open(path, 'wx', 0o600)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'is there already: name another one' : `cannot be made: ${message}`
    throw new UsageError(`the file ${path} ${reason}`, { cause: error })
  }
  try {
    const written = await write(file)
    await file.sync()
    return written
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
