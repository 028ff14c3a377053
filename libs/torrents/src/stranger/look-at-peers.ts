import type { MagnetLink } from '@annals/archive'
import { defaultInfoLimits } from '@annals/archive'
import type WebTorrent from 'webtorrent'
import { fetchMetadata } from '../client/fetch-metadata.ts'
import { LiveTorrent } from '../client/live-torrent.ts'
import { FetchAbortedError, FetchStalledError, TorrentMetadataError } from '../errors.ts'
import type { TorrentInfo } from '../torrent-info.ts'
import { readTorrentInfo } from '../torrent-info.ts'
import { CheckedPieces } from './checked-pieces.ts'
import { PieceArrival } from './piece-arrival.ts'
import { wantedPieces } from './sample-pieces.ts'
import type { FetchFailure, Patience, StrangerLog, StrangerRequest } from './stranger.ts'

export interface PeerLook {
  readonly client: WebTorrent
  readonly link: MagnetLink
  readonly request: StrangerRequest
  readonly patience: Patience
  readonly log: StrangerLog
  readonly sha1: (bytes: Uint8Array) => Uint8Array
  readonly signal: AbortSignal
}

export interface PeerFindings {
  readonly failure: FetchFailure | undefined
  readonly detail: string
  readonly peers: number
  readonly downloadedBytes: number
}

/** Asks peers for the metadata, then for the index and the samples. @throws FetchAbortedError, ArchiveRangeError */
export async function lookAtPeers(look: PeerLook): Promise<PeerFindings> {
  const { client, link, request, patience, log, sha1, signal } = look
  const { communityId } = request
  const { infoHash } = link
  // Trackers over WebSocket only know browsers.
  const trackers = link.trackers.filter((tracker) => !/^wss?:/i.test(tracker))
  const wanted = { communityId, infoHash, trackers, peers: link.peers, signal }
  let seen = 0
  try {
    const metadata = await fetchMetadata(client, { ...wanted, metadataSeconds: patience.metadataSeconds }, sha1, log)
    ;({ seen } = metadata)
    const info = readTorrentInfo(metadata.infoBytes, { communityId, infoHash }, sha1, defaultInfoLimits)
    const lots = wantedPieces(info, request.samples)
    const came = await bringPieces(look, info, trackers, metadata.peers, lots)
    return { ...came, peers: Math.max(seen, came.peers) }
  } catch (error) {
    const nothing = { detail: '', downloadedBytes: 0 }
    if (error instanceof FetchStalledError)
      return { ...nothing, failure: error.peers === 0 ? 'no-peers' : 'no-metadata', peers: error.peers }
    if (error instanceof TorrentMetadataError)
      return { ...nothing, failure: 'bad-metadata', detail: error.reason, peers: seen }
    throw error
  }
}

async function bringPieces(
  { client, patience, log, signal }: PeerLook,
  info: TorrentInfo,
  trackers: readonly string[],
  peers: readonly string[],
  lots: readonly (readonly number[])[],
): Promise<PeerFindings> {
  if (signal.aborted) throw new FetchAbortedError(info.communityId, info.infoHash, { cause: signal.reason })
  const live = new LiveTorrent(client, new CheckedPieces(info), trackers, log, { gives: false })
  try {
    await live.ready()
    const arrival = new PieceArrival(live, lots, patience, signal)
    live.addPeers(peers)
    return await arrival.findings()
  } finally {
    await live.remove()
  }
}
