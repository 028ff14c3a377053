import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { InvalidAddressError } from './invalid-address-error.ts'

/** Where a gateway listens and a client finds it. */
export type GatewayAddress =
  /** `shared`: in a folder among everybody's temporary files, which must be this user's own. */
  | { readonly kind: 'socket'; readonly path: string; readonly shared?: boolean }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** A socket's path has to fit into 108 bytes on Linux and 104 on macOS, its end included. */
const maxSocketPathBytes = 100

/**
 * The address that the settings name. Empty: a socket in the data folder, or, where its path would be too long for
 * a socket, in a folder of the same user among the temporary files, named after the data folder.
 * @throws InvalidAddressError
 */
export function gatewayAddress(text: string, dataFolder: string): GatewayAddress {
  if (text === '') return defaultSocket(dataFolder)
  if (text.startsWith('unix:')) {
    const path = resolve(text.slice('unix:'.length).replace(/^\/\/(?=\/)/, ''))
    if (Buffer.byteLength(path) > maxSocketPathBytes + 3)
      throw new InvalidAddressError(text, `the path of a socket can have ${maxSocketPathBytes + 3} bytes at most`)
    return { kind: 'socket', path }
  }
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidAddressError(text, 'host:port, [IPv6]:port or unix:PATH is expected')
  return { kind: 'tcp', host, port: Number(port) }
}

/** True where only this machine can reach the address. */
export function isLocal(address: GatewayAddress): boolean {
  return (
    address.kind === 'socket' ||
    address.host === 'localhost' ||
    address.host === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(address.host)
  )
}

/** As gRPC wants it. */
export function addressText(address: GatewayAddress): string {
  if (address.kind === 'socket') return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

function defaultSocket(dataFolder: string): GatewayAddress {
  const folder = resolve(dataFolder)
  const path = join(folder, 'annals.sock')
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return { kind: 'socket', path }
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  return { kind: 'socket', path: join(shortFolder(), `annals-${userInfo().uid}`, `${name}.sock`), shared: true }
}

function shortFolder(): string {
  return Buffer.byteLength(tmpdir()) <= 50 ? tmpdir() : '/tmp'
}
