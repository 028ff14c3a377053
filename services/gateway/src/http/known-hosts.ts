import { isIP } from 'node:net'

/**
 * Whether a Host header names this server. A name that somebody else's DNS could point here at will (rebinding) would let
 * a page of theirs read answers as its own; an address and `localhost` cannot be had by anybody else.
 */
export function isKnownHost(hostHeader: string | undefined, publicUrl: string): boolean {
  const host = hostHeader === undefined ? null : URL.parse(`http://${hostHeader}`)
  if (host === null || host.host.toLowerCase() !== hostHeader?.toLowerCase().replace(/:80$/, '')) return false
  const name = host.hostname.replace(/^\[|\]$/g, '')
  if (name === 'localhost' || isIP(name) !== 0) return true
  return publicUrl !== '' && new URL(publicUrl).hostname === name
}

/** Whether a page that sends this Origin header is the server's own. */
export function isOwnOrigin(originHeader: string, hostHeader: string, publicUrl: string): boolean {
  return originHeader === publicUrl || [`http://${hostHeader}`, `https://${hostHeader}`].includes(originHeader)
}
