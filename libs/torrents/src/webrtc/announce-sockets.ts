import type { TorrentLog } from '../torrent-node.ts'
import { AnnounceGroup } from './announce-group.ts'
import type { AnnouncedTorrent } from './announce-socket.ts'
import { RtcPeers } from './rtc-peers.ts'
import type { RtcOptions } from './rtc-peers.ts'

/** Magnet links of others name trackers, too. */
const maxTrackersOfTorrent = 8
const maxTrackers = 64

/**
 * Announces torrents to trackers over WebSocket, and answers browsers that these bring along: one connection a tracker, whatever
 * the number of torrents. No offers go out: browsers make them, again and again as long as they want peers.
 */
export class AnnounceSockets implements AsyncDisposable {
  readonly #log: TorrentLog
  readonly #peers: RtcPeers
  readonly #trackers = new Map<string, AnnounceGroup>()
  readonly #trackersOf = new Map<string, readonly string[]>()

  constructor(options: RtcOptions, log: TorrentLog) {
    this.#log = log
    this.#peers = new RtcPeers(options)
  }

  /** Connections with browsers. */
  get peers(): number {
    return this.#peers.size
  }

  /** Announces a torrent until it is removed, to those of the trackers that speak over WebSocket, the first few of them. */
  add(torrent: AnnouncedTorrent, trackers: readonly string[]): void {
    const own = trackers.filter(isUsable).slice(0, maxTrackersOfTorrent)
    this.#trackersOf.set(torrent.infoHash, own)
    for (const url of own) {
      let tracker = this.#trackers.get(url)
      if (tracker === undefined) {
        if (this.#trackers.size >= maxTrackers) continue
        tracker = new AnnounceGroup(url, { peers: this.#peers, log: this.#log })
        this.#trackers.set(url, tracker)
      }
      tracker.add(torrent)
    }
  }

  remove(infoHash: string): void {
    for (const url of this.#trackersOf.get(infoHash) ?? []) {
      const tracker = this.#trackers.get(url)
      tracker?.remove(infoHash)
      if (tracker?.size !== 0) continue
      this.#trackers.delete(url)
      tracker.close()
    }
    this.#trackersOf.delete(infoHash)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tracker of this.#trackers.values()) tracker.close()
    this.#trackers.clear()
    await this.#peers[Symbol.asyncDispose]()
  }
}

/** A tracker over WebSocket, in a form that can be connected to. */
function isUsable(tracker: string): boolean {
  const url = URL.parse(tracker)
  return url !== null && /^wss?:$/.test(url.protocol) && url.hash === ''
}
