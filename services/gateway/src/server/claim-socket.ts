import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { AddressUnavailableError } from '../gateway-errors.ts'

/**
 * Makes way for a socket: its folder is there, and what a node that was killed left behind is not.
 * @throws AddressUnavailableError if a node answers there, if something else has the name, or if the folder belongs to
 *   somebody else, who could then put a socket of their own there
 */
export async function claimSocket(path: string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const info = await lstat(folder)
  const { uid } = userInfo()
  if (uid !== -1 && uid !== 0 && info.uid !== uid && (info.mode & 0o1000) === 0)
    throw new AddressUnavailableError(path, { cause: new Error(`${folder} belongs to another user`) })
  const entry = await lstat(path).catch(() => undefined)
  if (entry === undefined) return
  if (!entry.isSocket()) throw new AddressUnavailableError(path, { cause: new Error(`${path} is no socket`) })
  if (await answers(path)) throw new AddressUnavailableError(path, { cause: new Error('a node answers there') })
  await rm(path, { force: true })
}

/** Lets nobody but its owner connect. */
export async function protectSocket(path: string): Promise<void> {
  await chmod(path, 0o600)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.once('error', () => resolve(false))
  })
}
