import { infoHash as hashInfo } from '@annals/archive'
import type WebTorrent from 'webtorrent'
import type { Torrent, Wire } from 'webtorrent'
import { FetchAbortedError, FetchStalledError } from '../errors.ts'
import type { TorrentLog } from '../torrent-node.ts'
import { guardTorrent } from './guard-torrent.ts'

export interface MetadataRequest {
  readonly communityId: string
  readonly infoHash: string
  readonly trackers: readonly string[]
  readonly peers: readonly string[]
  readonly metadataSeconds: number
  readonly signal: AbortSignal
}

export interface Metadata {
  /** Has the info hash asked for; what it says has not been looked at. */
  readonly infoBytes: Uint8Array
  /** Addresses that peers were found at. */
  readonly peers: readonly string[]
  /** With how many peers a connection came about. */
  readonly seen: number
}

const attempts = 2
/** Addresses that are carried over to the fetch proper. */
const maxPeers = 200

/**
 * Gets an info dictionary from peers. WebTorrent never sees the bytes: it would read them before anybody has checked
 * what they are, and what it throws on some of them ends the process.
 * @throws FetchStalledError after two times `metadataSeconds`, FetchAbortedError
 */
export async function fetchMetadata(
  client: WebTorrent,
  request: MetadataRequest,
  sha1: (bytes: Uint8Array) => Uint8Array,
  log: TorrentLog,
): Promise<Metadata> {
  const { communityId, infoHash, metadataSeconds } = request
  const peers = new Set(request.peers)
  const seen = new Set<string>()
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const infoBytes = await tryOnce(client, request, sha1, { peers, seen, log })
    if (infoBytes) return { infoBytes, peers: [...peers], seen: seen.size }
    log.debug({ communityId, infoHash, attempt, peers: seen.size }, 'no metadata came')
  }
  const waitedSeconds = attempts * metadataSeconds
  throw new FetchStalledError({
    communityId,
    infoHash,
    step: 'metadata',
    peers: seen.size,
    downloadedBytes: 0,
    waitedSeconds,
  })
}

interface Sightings {
  /** Addresses to connect to; grows. */
  readonly peers: Set<string>
  /** Peers that a connection came about with. */
  readonly seen: Set<string>
  readonly log: TorrentLog
}

async function tryOnce(
  client: WebTorrent,
  request: MetadataRequest,
  sha1: (bytes: Uint8Array) => Uint8Array,
  { peers, seen, log }: Sightings,
): Promise<Uint8Array | undefined> {
  const { communityId, infoHash, signal } = request
  if (signal.aborted) throw new FetchAbortedError(communityId, infoHash, { cause: signal.reason })
  const torrent = client.add(`magnet:?xt=urn:btih:${infoHash}`, { announce: request.trackers, deselect: true })
  guardTorrent(torrent)
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>()
  const timer = setTimeout(resolve, request.metadataSeconds * 1000, undefined)
  const abort = (): void => reject(new FetchAbortedError(communityId, infoHash, { cause: signal.reason }))
  signal.addEventListener('abort', abort)
  torrent.on('error', reject)
  torrent.on('close', () => resolve(undefined))
  torrent.on('warning', (warning: Error) => log.debug({ infoHash, error: warning.message }, 'torrent warning'))
  torrent.once('infoHash', () => {
    for (const peer of peers) if (!torrent.destroyed) torrent.addPeer(peer)
  })
  torrent.on('peer', (peer: unknown) => {
    if (typeof peer === 'string' && peers.size < maxPeers) peers.add(peer)
  })
  torrent.on('wire', (wire: Wire) => {
    seen.add(wire.peerId)
    wire.ut_metadata.setMetadata = async (bytes) => {
      if (hashInfo(bytes, sha1) !== infoHash) return false
      resolve(Uint8Array.from(bytes))
      return true
    }
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    await remove(torrent)
  }
}

/** Waits until trackers know that this client left, or else that could reach them after the fetch's own announce. */
async function remove(torrent: Torrent): Promise<void> {
  if (torrent.destroyed) return
  await new Promise<void>((resolve) => torrent.destroy({ destroyStore: false }, () => resolve()))
}
