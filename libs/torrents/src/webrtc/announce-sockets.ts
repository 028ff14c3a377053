import type { TorrentLog } from '../torrent-node.ts'
import { AnnounceSocket } from './announce-socket.ts'
import type { AnnouncedTorrent } from './announce-socket.ts'
import { RtcPeers } from './rtc-peers.ts'
import type { RtcOptions } from './rtc-peers.ts'

/**
 * Announces torrents to trackers over WebSocket, and answers browsers that these bring along: one connection a tracker, whatever
 * the number of torrents. No offers go out: browsers make them, again and again as long as they want peers.
 */
export class AnnounceSockets implements AsyncDisposable {
  readonly #log: TorrentLog
  readonly #peers: RtcPeers
  readonly #sockets = new Map<string, AnnounceSocket>()
  readonly #trackersOf = new Map<string, readonly string[]>()

  constructor(options: RtcOptions, log: TorrentLog) {
    this.#log = log
    this.#peers = new RtcPeers(options)
  }

  /** Connections with browsers. */
  get peers(): number {
    return this.#peers.size
  }

  /** Announces a torrent until it is removed, to those of the trackers that speak over WebSocket. */
  add(torrent: AnnouncedTorrent, trackers: readonly string[]): void {
    const own = trackers.filter((tracker) => /^wss?:/i.test(tracker))
    this.#trackersOf.set(torrent.infoHash, own)
    for (const url of own) {
      let socket = this.#sockets.get(url)
      if (socket === undefined) {
        socket = new AnnounceSocket(url, this.#peers, this.#log)
        this.#sockets.set(url, socket)
      }
      socket.add(torrent)
    }
  }

  remove(infoHash: string): void {
    for (const url of this.#trackersOf.get(infoHash) ?? []) {
      const socket = this.#sockets.get(url)
      socket?.remove(infoHash)
      if (socket?.size !== 0) continue
      this.#sockets.delete(url)
      socket.close()
    }
    this.#trackersOf.delete(infoHash)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
    await this.#peers[Symbol.asyncDispose]()
  }
}
