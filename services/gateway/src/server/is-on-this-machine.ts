import type { GatewayAddress } from './address.ts'

/**
 * Whether a caller is on the gateway's machine: on its socket, or on loopback.
 * @param peer as gRPC says it; of a socket it says nothing
 */
export function isOnThisMachine(peer: string, listensAt: GatewayAddress): boolean {
  if (listensAt.kind === 'socket') return true
  return /^(::ffff:)?127(\.\d{1,3}){3}:\d+$/.test(peer) || /^::1:\d+$/.test(peer)
}
