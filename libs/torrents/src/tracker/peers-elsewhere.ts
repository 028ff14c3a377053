/** A peer that is reached by its address. */
export interface TrackerPeer {
  readonly ip: string
  readonly port: number
  readonly complete: boolean
}

/** Other trackers for the same torrents, such as those of other gateways. */
export interface PeersElsewhere {
  /** A peer came here over HTTP or UDP. @param peers all of the torrent's that are reached by their address now */
  heard(infoHash: string, peers: () => readonly TrackerPeer[]): void
  /** Those that came to others. Never rejects. */
  peers(infoHash: string): Promise<readonly TrackerPeer[]>
}
