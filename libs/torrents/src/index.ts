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
export { openStranger } from './stranger/open-stranger.ts'
export { fetchFailures, webSeedFailures } from './stranger/stranger.ts'
export type {
  DataRange,
  FetchFailure,
  Patience,
  Stranger,
  StrangerReport,
  StrangerRequest,
  WebSeedFailure,
  WebSeedReport,
} from './stranger/stranger.ts'
export { KeyedMutex } from './keyed-mutex.ts'
