// What of this package runs in a browser as well: checks of a torrent, guards against strangers' peers, what steers a torrent, and
// fetching from web seeds.
export { guardTorrent } from '../client/guard-torrent.ts'
export { PeerJudge } from '../client/peer-judge.ts'
export { askOnlyFor, failedPiece, markGone, markHere, selectOnly } from '../client/steer-torrent.ts'
export { TorrentMetadataError } from '../errors.ts'
export { pieceHash, pieceSizeBytes, readTorrentInfo } from '../torrent-info.ts'
export type { TorrentInfo } from '../torrent-info.ts'
export { readBounded } from '../web-seed/read-bounded.ts'
export { WebSeed } from '../web-seed/web-seed.ts'
