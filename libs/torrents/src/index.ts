export type {
  ArchiveBytes,
  FetchLimits,
  FetchProgress,
  FetchRequest,
  SeededTorrent,
  StoredTorrent,
  TorrentFetch,
  TorrentNode,
} from './torrent-node.ts'
