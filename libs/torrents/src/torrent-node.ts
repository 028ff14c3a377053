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
   * Brings a sealed generation's bytes into the community's folder: `archives` in ascending offset, only those that
   * the folder lacks are read. Checks every new piece against the metadata. Does not announce anything yet.
   * @throws PieceMismatchError, TorrentMetadataError, DiskError
   */
  store(torrent: StoredTorrent, archives: Iterable<ArchiveBytes>, index: Uint8Array): Promise<void>

  /** True if the folder holds and has checked every byte of the torrent. */
  holds(communityId: string, infoHash: string): Promise<boolean>

  /** Serves what the folder holds, until `unseed` or the end of the node. Calling again changes nothing. @throws NotHeldError */
  seed(communityId: string, infoHash: string): Promise<void>

  /** Stops serving and forgets the torrent's own files (not `data`). Unknown ones are no error. */
  unseed(communityId: string, infoHash: string): Promise<void>

  /** The torrents being served. */
  seeding(): SeededTorrent[]

  /** Begins to fetch: finds peers, gets the metadata, checks it against the community and the archive format. */
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
  readonly uploadedBytes: number
  readonly peers: number
}

export interface FetchRequest {
  readonly communityId: string
  readonly magnetLink: string
  readonly signal: AbortSignal
  readonly limits: FetchLimits
  readonly onProgress?: (progress: FetchProgress) => void
}

export interface FetchLimits {
  /** For the metadata, and once more after a retry. status-go: 20 s. */
  readonly metadataSeconds: number
  /** Without a single byte of what is wanted. */
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
  readonly dataBytes: number
  readonly indexBytes: number
  /** Bytes received over the wire by this fetch (blocks of pieces, metadata left out). */
  downloadedBytes(): number
  /** The whole index file. @throws FetchStalledError, FetchAbortedError, DiskError */
  index(): Promise<Uint8Array>
  /** Makes [offset, offset + size) of `data` be here and checked; both multiples of the piece length. */
  range(offsetBytes: number, sizeBytes: number): Promise<void>
  /** Bytes of `data` that `range` brought. */
  read(offsetBytes: number, sizeBytes: number): AsyncIterable<Uint8Array>
}
