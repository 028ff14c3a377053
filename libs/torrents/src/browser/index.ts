// What of this package runs in a browser as well: checks of a torrent, and guards against strangers' peers.
export { guardTorrent } from '../client/guard-torrent.ts'
export { PeerJudge } from '../client/peer-judge.ts'
export { TorrentMetadataError } from '../errors.ts'
export { pieceHash, pieceSizeBytes, readTorrentInfo } from '../torrent-info.ts'
export type { TorrentInfo } from '../torrent-info.ts'
