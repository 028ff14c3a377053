/**
 * Looks whether a torrent is to be had by somebody who has nothing but its magnet link: the metadata, the whole index, and
 * a piece at random of each part that is asked for. A client of its own: it keeps nothing, gives nothing, and nobody can
 * connect to it, as it is with most members behind their routers.
 */
export interface Stranger extends AsyncDisposable {
  /**
   * Bounded in time and memory, whatever peers do. What a look finds is the answer, also where it is nothing.
   * @throws FetchAbortedError, MagnetLinkError, ArchiveRangeError for a sample that is not of whole pieces, TorrentNodeError
   * where this machine's client is at fault
   */
  look(request: StrangerRequest): Promise<StrangerReport>
}

export interface StrangerOptions {
  /** The public DHT beside what the magnet link names. */
  readonly dht: boolean
  readonly patience: Patience
  readonly log?: StrangerLog
}

/** pino's loggers fit. */
export interface StrangerLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface Patience {
  /** For the metadata, and once more after a retry. */
  readonly metadataSeconds: number
  /** Without a whole piece of those that are wanted. */
  readonly pieceSeconds: number
  /** For all pieces from peers together. */
  readonly wholeSeconds: number
  /** For a web seed's answers: without a byte, and for all of them. */
  readonly webSeedSeconds: number
}

export interface StrangerRequest {
  readonly communityId: string
  readonly magnetLink: string
  /** Parts of `data`, of each of which one piece is fetched; whole pieces. */
  readonly samples: readonly DataRange[]
  readonly signal: AbortSignal
}

export interface DataRange {
  readonly offsetBytes: number
  readonly sizeBytes: number
}

/**
 * How far a look over BitTorrent came, by what was missing.
 * - `no-peers`: no connection with any peer came about
 * - `no-metadata`: no peer gave metadata that has the info hash
 * - `bad-metadata`: what has the info hash is no torrent of the community's archives
 * - `no-index`, `no-data`: pieces did not come
 * - `wrong-pieces`: pieces did not come but with another hash
 * - `too-slow`: pieces came, and not all of them in time
 */
export const fetchFailures = [
  'no-peers',
  'no-metadata',
  'bad-metadata',
  'no-index',
  'no-data',
  'wrong-pieces',
  'too-slow',
] as const

export type FetchFailure = (typeof fetchFailures)[number]

/** How a web seed failed: it did not answer, it answered that it has nothing, or what it gave is not the torrent's. */
export const webSeedFailures = ['unanswered', 'refused', 'wrong'] as const

export type WebSeedFailure = (typeof webSeedFailures)[number]

export interface StrangerReport {
  readonly infoHash: string
  /** Absent where peers gave all that was asked for. */
  readonly failure: FetchFailure | undefined
  /** More about the failure, for a person. */
  readonly detail: string
  /** With how many peers a connection came about. */
  readonly peers: number
  /** Bytes of pieces that peers sent. */
  readonly downloadedBytes: number
  readonly milliseconds: number
  /** Of those that the magnet link names, a few. They are in no one's place: members fetch from peers. */
  readonly webSeeds: readonly WebSeedReport[]
}

export interface WebSeedReport {
  readonly url: string
  readonly failure: WebSeedFailure | undefined
  readonly detail: string
  readonly milliseconds: number
}
