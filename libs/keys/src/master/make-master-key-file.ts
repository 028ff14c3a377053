import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { hasSystemCode } from '@annals/sqlite'
import { masterKeyBytes } from './master-key.ts'
import { MasterKeyUnreadableError } from './master-key-errors.ts'

/**
 * Makes a file with a new master key, for this user alone, unless there is one. It is durable, and whole, before its name
 * is there: what is encrypted under it can be read after a power loss.
 * @throws MasterKeyUnreadableError
 */
export function makeMasterKeyFile(path: string): void {
  const folder = dirname(resolve(path))
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    try {
      writeDurably(unfinished, `${randomBytes(masterKeyBytes).toString('hex')}\n`)
      linkSync(unfinished, path)
    } catch (error) {
      // Somebody else was faster.
      if (!hasSystemCode(error) || error.code !== 'EEXIST') throw error
    } finally {
      rmSync(unfinished, { force: true })
    }
    sync(folder)
  } catch (error) {
    if (!hasSystemCode(error)) throw error
    throw new MasterKeyUnreadableError(path, error.code, { cause: error })
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
