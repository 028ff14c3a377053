import { lstatSync } from 'node:fs'
import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { AddressUnavailableError } from '../gateway-errors.ts'
import type { GatewayAddress } from './address.ts'

type Socket = Extract<GatewayAddress, { kind: 'socket' }>

/**
 * Makes sure, for an address among everybody's temporary files, that its folder is this user's alone: else somebody
 * could have put a socket of their own there. For the one who listens and for those who connect.
 * @throws AddressUnavailableError, also where there is no such folder
 */
export function checkSocketFolder({ path, shared }: Socket): void {
  if (shared !== true) return
  const folder = dirname(path)
  const info = lstatSync(folder, { throwIfNoEntry: false })
  const own = info?.isDirectory() === true && info.uid === userInfo().uid && (info.mode & 0o077) === 0
  if (!own) throw new AddressUnavailableError(path, { cause: new Error(`${folder} is no folder of this user alone`) })
}

/**
 * Makes way for a socket: its folder is there, and what a node that was killed left behind is not.
 * @throws AddressUnavailableError if a node answers there, if something else has the name, or as `checkSocketFolder`
 */
export async function claimSocket(address: Socket): Promise<void> {
  const { path } = address
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  checkSocketFolder(address)
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
