import type { Torrent, Wire } from 'webtorrent'
import { guardWire } from './guard-wire.ts'

/** Addresses of peers, connected or not, that a torrent keeps. */
const maxPeers = 1_000

/**
 * Keeps strangers from taking the process down by a torrent: see `guardWire`; and a peer may name others without end,
 * which WebTorrent would all remember. Must be called before the torrent has peers.
 */
export function guardTorrent(torrent: Torrent): void {
  torrent.on('wire', (wire: Wire) => guardWire(wire))
  const addPeer = torrent.addPeer.bind(torrent)
  torrent.addPeer = (peer, source) => torrent._peersLength < maxPeers && addPeer(peer, source)
}
