export {
  ArchiveRangeError,
  DamagedPieceError,
  DiskError,
  FetchAbortedError,
  FetchStalledError,
  NotHeldError,
  PieceMismatchError,
  TorrentMetadataError,
  TorrentNodeError,
  UnsafeNameError,
} from './errors.ts'
export type { FetchStep } from './errors.ts'
export { openTorrentNode } from './open-torrent-node.ts'
export type {
  ArchiveBytes,
  FetchLimits,
  FetchProgress,
  FetchRequest,
  SeededTorrent,
  StoredTorrent,
  TorrentFetch,
  TorrentLog,
  TorrentNode,
  TorrentNodeOptions,
} from './torrent-node.ts'
export { KeyedMutex } from './keyed-mutex.ts'
