/** What a tracker spends on strangers at most. */
export interface TrackerLimits {
  /** Peers that are remembered, of all torrents together: some 20 MB. */
  readonly peers: number
  /** Peers of one torrent; where there are more, the one that was heard of longest ago goes. */
  readonly peersOfTorrent: number
  /** Peers of one torrent at one address; what counts as one address `networkOf` says. */
  readonly peersOfAddress: number
  /** Peers of all torrents at one address: a seeder of thousands is one of each, a stranger must not fill the tracker. */
  readonly peersOfAddressInAll: number
  /** WebSockets at once. */
  readonly sockets: number
  readonly socketsOfAddress: number
  /** Of one message; a browser's longest, with five or ten offers, has some 20 KB. */
  readonly messageBytes: number
  /** What may wait to be sent on a WebSocket before its other end counts as dead. */
  readonly unsentBytes: number
  /** Messages on one WebSocket: so many at once, and so many a second in the long run. */
  readonly messages: { readonly burst: number; readonly perSecond: number }
  /** Offers on one WebSocket that are passed on; each has another peer make a connection. */
  readonly offers: { readonly burst: number; readonly perSecond: number }
  /** How often each WebSocket is asked for a sign of life; one that gave none by the next time is closed. */
  readonly pingMilliseconds: number
}

export const defaultTrackerLimits: TrackerLimits = {
  peers: 50_000,
  peersOfTorrent: 500,
  peersOfAddress: 32,
  peersOfAddressInAll: 20_000,
  sockets: 1_000,
  socketsOfAddress: 64,
  messageBytes: 64 * 1024,
  unsentBytes: 512 * 1024,
  messages: { burst: 200, perSecond: 50 },
  offers: { burst: 200, perSecond: 10 },
  pingMilliseconds: 30_000,
}

/** Why something was refused. */
export type TrackerRefusal =
  /** A torrent that is none of ours. */
  | 'foreign'
  /** No request, or not in a form that is understood. */
  | 'malformed'
  /** More peers, or connections, than are taken. */
  | 'full'
  /** More messages than one connection may send. */
  | 'too-fast'
  /** Does not take what is sent to it, or gives no sign of life. */
  | 'slow'
