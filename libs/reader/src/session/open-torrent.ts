import { WebSeed } from '@annals/torrents/browser'
import { PieceFetcher } from '../swarm/fetch-pieces.ts'
import { TorrentPieces } from '../pieces/torrent-pieces.ts'
import type { ResolvedLink } from '../link/resolve-link.ts'
import type { Swarm } from '../swarm/swarm-client.ts'
import type { SwarmEvent } from '../swarm/swarm-events.ts'
import { findTorrent } from './find-torrent.ts'
import type { ReaderLimits, ReaderPorts } from './reader.ts'

/** A web seed that falls silent is given up early enough for others to bring what it was to bring. */
const silentShare = 1 / 3
/** The same for one that sends too little to be of use. */
const slowShare = 2 / 3

export interface OpenTorrentOptions {
  readonly link: ResolvedLink
  readonly ports: ReaderPorts
  readonly limits: ReaderLimits
  readonly signal: AbortSignal
  readonly onEvent: (event: SwarmEvent) => void
}

/** A torrent whose info dictionary is known, with the ways to its pieces. Disposing ends fetching and serving. */
export interface OpenTorrent extends AsyncDisposable {
  readonly pieces: TorrentPieces
  readonly fetcher: PieceFetcher
  /** `undefined` where no tracker, or no WebRTC, is to be had. */
  readonly swarm: Swarm | undefined
  /** Whether anything can be fetched at all. */
  readonly hasSources: boolean
}

/**
 * Finds a torrent's info dictionary and joins its peers.
 * @throws TorrentRefusedError, FetchStalledError, NoSourceError, the signal's reason
 */
export async function openTorrent(options: OpenTorrentOptions): Promise<OpenTorrent> {
  const { link, ports, limits, onEvent } = options
  const { infoHash, trackers } = link
  let fetcher: PieceFetcher | undefined
  const webSeeds = link.webSeeds.map(
    (url) =>
      new WebSeed({
        url,
        fetch: ports.fetch,
        stallSeconds: limits.stallSeconds * silentShare,
        pieceSeconds: limits.stallSeconds * slowShare,
        onBytes: (bytes) => onEvent({ kind: 'bytes', source: 'web-seed', bytes }),
      }),
  )
  const swarm =
    trackers.length === 0
      ? undefined
      : ports.swarms?.join({
          infoHash,
          trackers,
          listener: {
            received(bytes) {
              fetcher?.peerBlockCame()
              onEvent({ kind: 'bytes', source: 'webrtc', bytes })
            },
            sent: (bytes) => onEvent({ kind: 'sent', bytes }),
            peers: (count) => onEvent({ kind: 'peers', count }),
            refused(piece, from) {
              fetcher?.peerLied()
              onEvent({ kind: 'piece-refused', source: 'webrtc', from, piece })
            },
            failed: (error) => onEvent({ kind: 'swarm-failed', error }),
          },
        })
  try {
    const pieces = await findPieces(options, swarm, webSeeds)
    fetcher = new PieceFetcher({
      pieces,
      swarm,
      webSeeds,
      stallSeconds: limits.stallSeconds,
      peersFirstSeconds: limits.peersFirstSeconds,
      onRefused: (piece, { url }) => onEvent({ kind: 'piece-refused', source: 'web-seed', from: url, piece }),
      onProblem: ({ url }, { message }) => onEvent({ kind: 'web-seed-problem', url, problem: message }),
    })
    return new TorrentSession(pieces, fetcher, swarm, swarm !== undefined || webSeeds.length > 0)
  } catch (error) {
    await swarm?.[Symbol.asyncDispose]()
    throw error
  }
}

async function findPieces(
  { link, ports, limits, signal, onEvent }: OpenTorrentOptions,
  swarm: Swarm | undefined,
  webSeeds: readonly WebSeed[],
): Promise<TorrentPieces> {
  const info = await findTorrent({
    infoHash: link.infoHash,
    communityId: link.communityId,
    kept: ports.pieces,
    swarm,
    webSeeds,
    timeoutSeconds: limits.stallSeconds,
    signal,
    onProblem: ({ url }, problem) => onEvent({ kind: 'web-seed-problem', url, problem }),
  })
  const pieces = await TorrentPieces.open(info, ports.pieces)
  // Peers that do not work are no reason not to read from a web seed.
  await swarm?.start(pieces).catch((error: unknown) => {
    onEvent({ kind: 'swarm-failed', error: error instanceof Error ? error : new Error(String(error)) })
  })
  signal.throwIfAborted()
  return pieces
}

class TorrentSession implements OpenTorrent {
  readonly pieces: TorrentPieces
  readonly fetcher: PieceFetcher
  readonly swarm: Swarm | undefined
  readonly hasSources: boolean

  constructor(pieces: TorrentPieces, fetcher: PieceFetcher, swarm: Swarm | undefined, hasSources: boolean) {
    this.pieces = pieces
    this.fetcher = fetcher
    this.swarm = swarm
    this.hasSources = hasSources
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fetcher[Symbol.asyncDispose]()
    await this.swarm?.[Symbol.asyncDispose]()
  }
}
