import { open, rm } from 'node:fs/promises'
import { UsageError } from './cli-errors.ts'

/**
 * Writes a secret into a new file for this user alone, durably. Never onto standard output, which may be a terminal or a log.
 * @throws UsageError
 */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  if (path === '-') throw new UsageError('keys are written to a file only: name one that is not there yet')
  let file
  try {
    file = await open(path, 'wx', 0o600)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'is there already: name another one' : `cannot be made: ${message}`
    throw new UsageError(`the file ${path} ${reason}`, { cause: error })
  }
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
