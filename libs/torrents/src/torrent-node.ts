/**
 * Seeding and fetching archives' torrents. One node has one BitTorrent client and one folder with a subfolder a
 * community; both of a seeder and a fetcher in one process use the same node.
 *
 * In a community's folder stand one append-only `data` file, one index file an info hash, one metadata file an info
 * hash, and the SHA-1 of every piece of `data` that has been checked. So any number of torrents of a community are
 * served side by side, nothing is hashed twice, and a restart serves at once what was checked before.
 */
export interface TorrentNode extends AsyncDisposable {
  /** Where peers reach this node. */
  readonly address: { readonly host: string; readonly port: number }

  /**
   * Brings a sealed generation's bytes into the community's folder: only those of `archives` that the folder lacks are
   * read. Checks every new piece against the metadata. Does not announce anything yet. What was stored before it fails
   * stays, so a next call goes on from there.
   * @throws PieceMismatchError, ArchiveRangeError, TorrentMetadataError, UnsafeNameError, DiskError
   */
  store(torrent: StoredTorrent, archives: Iterable<ArchiveBytes>, index: Uint8Array): Promise<void>

  /** True if the folder holds and has checked every byte of the torrent. */
  holds(communityId: string, infoHash: string): Promise<boolean>

  /**
   * Serves what the folder holds, until `unseed` or the end of the node. Calling again changes nothing. Nothing is
   * hashed now: a piece is, once, when it is first read; a damaged one is then forgotten and `holds` says so.
   * @throws NotHeldError, DiskError
   */
  seed(communityId: string, infoHash: string): Promise<void>

  /**
   * Stops serving and fetching, and forgets the torrent's own files (not `data`, unless the control node has rebuilt its
   * history and this was the last torrent of the old one). Unknown ones are no error.
   */
  unseed(communityId: string, infoHash: string): Promise<void>

  /** The torrents being served. */
  seeding(): SeededTorrent[]

  /**
   * Begins to fetch: finds peers, gets the metadata if the folder has not got it, checks it against the community and
   * the archive format. What other torrents of the community brought counts as here. Dispose the answer.
   * @throws FetchStalledError, FetchAbortedError, TorrentMetadataError, MagnetLinkError, UnsafeNameError, DiskError
   */
  fetch(request: FetchRequest): Promise<TorrentFetch>

  /** Stops serving and deletes everything of a community. */
  deleteCommunity(communityId: string): Promise<void>
}

/** The metadata of one generation: the bencoded info dictionary says all but the trackers. */
export interface StoredTorrent {
  readonly communityId: string
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  readonly infoBytes: Uint8Array
  readonly trackers: readonly string[]
}

export interface ArchiveBytes {
  readonly offsetBytes: number
  /** With padding: a multiple of the piece length. */
  readonly sizeBytes: number
  /** The encoded archive without padding. Called only if the bytes are needed. */
  read(): AsyncIterable<Uint8Array>
}

export interface SeededTorrent {
  readonly communityId: string
  readonly infoHash: string
  /** Bytes of pieces sent since the torrent was added to the node. */
  readonly uploadedBytes: number
  readonly peers: number
}

export interface FetchRequest {
  readonly communityId: string
  readonly magnetLink: string
  /** Peers to ask beside those that the link, its trackers and the DHT name; `host:port`. */
  readonly peers?: readonly string[]
  readonly signal: AbortSignal
  readonly limits: FetchLimits
  readonly onProgress?: (progress: FetchProgress) => void
}

export interface FetchLimits {
  /** For the metadata, and once more after a retry. status-go: 20 s. */
  readonly metadataSeconds: number
  /**
   * Without a single new byte of what is wanted; or four times as long without a whole piece, so that a peer whose
   * blocks make no valid piece cannot keep a fetch waiting.
   */
  readonly stallSeconds: number
  readonly maxDataBytes: number
  readonly maxIndexBytes: number
}

export interface FetchProgress {
  readonly downloadedBytes: number
  readonly wantedBytes: number
  readonly peers: number
}

/** A fetch whose metadata is here and checked. Disposing stops it; what was checked stays in the folder. */
export interface TorrentFetch extends AsyncDisposable {
  readonly infoHash: string
  /** The bencoded info dictionary; with the trackers what `store` takes. */
  readonly infoBytes: Uint8Array
  /** Those of the magnet link. */
  readonly trackers: readonly string[]
  readonly dataBytes: number
  readonly indexBytes: number
  /** Bytes received over the wire by this fetch (blocks of pieces, metadata left out). */
  downloadedBytes(): number
  /** The whole index file. @throws FetchStalledError, FetchAbortedError, DiskError */
  index(): Promise<Uint8Array>
  /**
   * Makes [offset, offset + size) of `data` be here and checked; both multiples of the piece length.
   * @throws FetchStalledError, FetchAbortedError, ArchiveRangeError, DiskError
   */
  range(offsetBytes: number, sizeBytes: number): Promise<void>
  /**
   * Bytes of `data` that `range` brought. @throws NotHeldError for others, DamagedPieceError where the disk lost them
   * meanwhile (`range` brings them again), ArchiveRangeError, DiskError
   */
  read(offsetBytes: number, sizeBytes: number): AsyncIterable<Uint8Array>
}

/** What the node tells while it works; pino's loggers fit. */
export interface TorrentLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface TorrentNodeOptions {
  /** The node's own; no other node may use it at the same time. Made if it is not there. */
  readonly folder: string
  /** Address to listen on. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** The public DHT; it takes the same port in UDP. */
  readonly dht: boolean
  /** Trackers to announce every torrent to, beside its own. */
  readonly trackers?: readonly string[]
  /**
   * Browsers as peers, over WebRTC, which they ask for at trackers over WebSocket. Off where absent.
   */
  readonly webRtc?: {
    /** `stun:host:port` of servers by which this machine learns its address behind a router; none by default. */
    readonly iceServers?: readonly string[]
    /** Connections at a time, 100 by default; more are not answered. */
    readonly maxPeers?: number
  }
  /** uTP beside TCP; slower, but passes some routers. Off by default. */
  readonly utp?: boolean
  /** Asks the router to open the port, by UPnP and NAT-PMP. Off by default. */
  readonly natTraversal?: boolean
  readonly uploadBytesPerSecond?: number
  readonly downloadBytesPerSecond?: number
  /** Connections from outside at a time, 2,000 by default; more are refused. */
  readonly maxIncomingConnections?: number
  /** Open files of all communities together, 128 by default. */
  readonly maxOpenFiles?: number
  readonly log?: TorrentLog
  /** SHA-1 of pieces and metadata; Node's where absent. */
  readonly sha1?: (bytes: Uint8Array) => Uint8Array
}
