import type { TorrentPieces } from '../pieces/torrent-pieces.ts'

/** Peers that a browser can talk to: over WebRTC, found by WebSocket trackers. */
export interface SwarmClient extends AsyncDisposable {
  /** Looks for a torrent's peers from now on. Dispose the answer. */
  join(options: JoinOptions): Swarm
}

export interface JoinOptions {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  /** `ws:` and `wss:` addresses. */
  readonly trackers: readonly string[]
  readonly listener: SwarmListener
}

export interface SwarmListener {
  /** A block, or a part of the info dictionary, came from a peer. */
  received(bytes: number): void
  sent(bytes: number): void
  /** A peer came or went. */
  peers(count: number): void
  /** A piece came that is not what the torrent says; `source` names the peer, or is empty where several sent it. */
  refused(piece: number, source: string): void
  /** The client gave the torrent up; nothing more comes from peers. */
  failed(error: Error): void
}

/** The peers of one torrent. It asks for a piece only as long as it is wanted, and serves every piece that is here. */
export interface Swarm extends AsyncDisposable {
  readonly peers: number
  /**
   * The info dictionary from peers. It has the info hash; what it says has not been looked at.
   * @throws the signal's reason
   */
  fetchInfo(signal: AbortSignal): Promise<Uint8Array>
  /** Once the info dictionary is known and checked: from now on pieces come and go. Resolves when they do. */
  start(pieces: TorrentPieces): Promise<void>
  /** What to ask peers for, in place of what was wanted before. */
  want(pieces: readonly number[]): void
  /** Whether peers are served; they are at first. */
  seed(on: boolean): void
}
