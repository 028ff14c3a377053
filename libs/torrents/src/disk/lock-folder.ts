import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { TorrentNodeError } from '../errors.ts'

/**
 * Keeps a second node out of a folder, for as long as the answer is not disposed or the process lives: SQLite's lock is
 * the one lock that Node has which the system takes back from a killed process.
 * @throws TorrentNodeError if another node has the folder
 */
export function lockFolder(folder: string): Disposable {
  const database = new DatabaseSync(join(folder, '.lock'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw new TorrentNodeError(`${folder} is in use by another node: give each node a folder of its own`, { cause })
  }
  return { [Symbol.dispose]: () => database.close() }
}
