/** The torrent's metadata is not what an archive's torrent of this community may say. */
export class TorrentMetadataError extends Error {
  override readonly name = 'TorrentMetadataError'
  readonly communityId: string
  readonly infoHash: string
  readonly reason: string

  constructor(communityId: string, infoHash: string, reason: string, options?: ErrorOptions) {
    super(`torrent ${infoHash} cannot be taken for community ${communityId}: ${reason}`, options)
    this.communityId = communityId
    this.infoHash = infoHash
    this.reason = reason
  }
}

/** Bytes handed over for a torrent do not have the hash that its metadata gives for the piece. */
export class PieceMismatchError extends Error {
  override readonly name = 'PieceMismatchError'
  readonly communityId: string
  readonly infoHash: string
  readonly piece: number
  /** Start in `data` of the archive the piece belongs to; `undefined` for a piece of the index. */
  readonly archiveOffsetBytes: number | undefined

  constructor(communityId: string, infoHash: string, piece: number, archiveOffsetBytes: number | undefined) {
    const what = archiveOffsetBytes === undefined ? 'the index' : `the archive at byte ${archiveOffsetBytes}`
    super(
      `piece ${piece} of torrent ${infoHash} of community ${communityId}, in ${what}, has another hash than the ` +
        'metadata says: the stored archive or index is not the one the torrent was made of',
    )
    this.communityId = communityId
    this.infoHash = infoHash
    this.piece = piece
    this.archiveOffsetBytes = archiveOffsetBytes
  }
}

/** A range of `data` that is not in the torrent, not at piece borders, or not covered by the archives handed over. */
export class ArchiveRangeError extends Error {
  override readonly name = 'ArchiveRangeError'
  readonly communityId: string
  readonly infoHash: string
  readonly offsetBytes: number
  readonly sizeBytes: number
  readonly reason: string

  constructor(communityId: string, infoHash: string, offsetBytes: number, sizeBytes: number, reason: string) {
    super(
      `bytes ${offsetBytes} to ${offsetBytes + sizeBytes} of torrent ${infoHash} of community ${communityId}: ${reason}`,
    )
    this.communityId = communityId
    this.infoHash = infoHash
    this.offsetBytes = offsetBytes
    this.sizeBytes = sizeBytes
    this.reason = reason
  }
}

/** The folder lacks pieces of a torrent that was to be served or read; `store` or `fetch` brings them. */
export class NotHeldError extends Error {
  override readonly name = 'NotHeldError'
  readonly communityId: string
  readonly infoHash: string
  /** `undefined` where the torrent itself is not known. */
  readonly missingPieces: number | undefined

  constructor(communityId: string, infoHash: string, missingPieces: number | undefined) {
    super(
      missingPieces === undefined
        ? `torrent ${infoHash} of community ${communityId} is not in the folder: store or fetch it first`
        : `${missingPieces} pieces of torrent ${infoHash} of community ${communityId} are missing: store or fetch them`,
    )
    this.communityId = communityId
    this.infoHash = infoHash
    this.missingPieces = missingPieces
  }
}

/** A piece on disk no longer has the hash it was recorded with. It was forgotten; `store` or `fetch` brings it again. */
export class DamagedPieceError extends Error {
  override readonly name = 'DamagedPieceError'
  readonly path: string
  /** Counted from the start of the file. */
  readonly piece: number

  constructor(path: string, piece: number) {
    super(`piece ${piece} of ${path} was damaged on disk and has been forgotten: store or fetch it again`)
    this.path = path
    this.piece = piece
  }
}

export type FetchStep = 'metadata' | 'index' | 'data'

/** Nothing that is wanted arrived for the time allowed. What was checked before stays; a later try goes on from it. */
export class FetchStalledError extends Error {
  override readonly name = 'FetchStalledError'
  readonly communityId: string
  readonly infoHash: string
  readonly step: FetchStep
  /** Peers connected at that moment; for the metadata, peers seen. */
  readonly peers: number
  readonly downloadedBytes: number
  readonly waitedSeconds: number

  constructor(fields: Omit<FetchStalledError, keyof Error>) {
    super(
      `no ${fields.step} of torrent ${fields.infoHash} of community ${fields.communityId} arrived for ` +
        `${fields.waitedSeconds} s (${fields.peers} peers, ${fields.downloadedBytes} bytes so far)` +
        (fields.peers === 0 ? ': check that a seeder is up and that trackers or peers can be reached' : ''),
    )
    this.communityId = fields.communityId
    this.infoHash = fields.infoHash
    this.step = fields.step
    this.peers = fields.peers
    this.downloadedBytes = fields.downloadedBytes
    this.waitedSeconds = fields.waitedSeconds
  }
}

/** The fetch was told to stop, by its signal, by its disposal, or because the node closes. */
export class FetchAbortedError extends Error {
  override readonly name = 'FetchAbortedError'
  readonly communityId: string
  readonly infoHash: string

  constructor(communityId: string, infoHash: string, options?: ErrorOptions) {
    super(`the fetch of torrent ${infoHash} of community ${communityId} was stopped`, options)
    this.communityId = communityId
    this.infoHash = infoHash
  }
}

/** The disk did not do what was asked; `cause` is the system's error. */
export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly path: string

  constructor(path: string, cause: unknown) {
    super(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.path = path
  }
}

/** The node cannot listen, or its BitTorrent client failed. */
export class TorrentNodeError extends Error {
  override readonly name = 'TorrentNodeError'
}

/** A name that would become part of a path does not have the form it must have. */
export class UnsafeNameError extends Error {
  override readonly name = 'UnsafeNameError'
  readonly kind: 'community id' | 'info hash'
  readonly found: string

  constructor(kind: 'community id' | 'info hash', found: string) {
    super(
      `"${found.slice(0, 80)}" is no ${kind}: it must be ` +
        (kind === 'community id' ? '0x and 66 lower-case hex digits' : '40 lower-case hex digits'),
    )
    this.kind = kind
    this.found = found
  }
}
