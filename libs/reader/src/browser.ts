// What a page imports beside `@annals/reader`: the same with the browser's own storage and WebRTC.
// oxlint-disable-next-line import/no-unassigned-import -- it must run before the classes of the modules that follow
import './dispose-symbols.ts'
import WebTorrent from 'webtorrent/dist/webtorrent.min.js'
import { StorageError } from './errors.ts'
import type { IndexedDbFactory } from './pieces/indexed-db.ts'
import { openIndexedDbPieces } from './pieces/open-indexed-db-pieces.ts'
import type { KeptPieces } from './pieces/kept-pieces.ts'
import { openMemoryPieces } from './pieces/open-memory-pieces.ts'
import type { ReaderPorts } from './session/reader.ts'
import { openWebTorrentSwarm } from './swarm/webtorrent-swarm.ts'

export interface BrowserPortsOptions {
  /**
   * Servers that tell a browser its public address, as `RTCConfiguration.iceServers` has them. None by default: peers in
   * the same network, and seeders with a public address, are reached without, and nobody learns who reads what.
   */
  readonly iceServers?: readonly { readonly urls: string | readonly string[] }[]
  /** Bytes of pieces that are kept for later visits; 2 GiB by default, and never more than the browser allows. */
  readonly maxKeptBytes?: number
}

export interface BrowserPorts extends ReaderPorts, AsyncDisposable {
  /** Why nothing is kept for the next visit, where that is so. */
  readonly storageError: StorageError | undefined
}

const defaultKeptBytes = 2 ** 31
/** Peers beyond these add nothing to a page. */
const maxConnections = 24

/** The browser's fetch, WebRTC and IndexedDB; one of each a page. Where there is no storage, pieces stay in memory. */
export async function openBrowserPorts(options: BrowserPortsOptions = {}): Promise<BrowserPorts> {
  const { iceServers = [], maxKeptBytes = defaultKeptBytes } = options
  const { pieces, storageError } = await openPieces(maxKeptBytes)
  const hasWebRtc = 'RTCPeerConnection' in globalThis
  const swarms = hasWebRtc
    ? openWebTorrentSwarm(
        new WebTorrent({
          tracker: { rtcConfig: { iceServers } },
          dht: false,
          lsd: false,
          utPex: false,
          webSeeds: false,
          maxConns: maxConnections,
        }),
      )
    : undefined
  return {
    fetch: globalThis.fetch.bind(globalThis),
    swarms,
    pieces,
    storageError,
    async [Symbol.asyncDispose]() {
      await swarms?.[Symbol.asyncDispose]()
      await pieces[Symbol.asyncDispose]()
    },
  }
}

/** @throws StorageError where a page may have none: some browsers refuse to name it, some name nothing */
function ownFactory(): IndexedDbFactory {
  let cause: unknown = new Error('there is no IndexedDB')
  try {
    // Node's types, which this project is checked with, do not know it.
    const { indexedDB } = globalThis as { readonly indexedDB?: IndexedDbFactory | null }
    if (indexedDB) return indexedDB
  } catch (refusal) {
    cause = refusal
  }
  throw new StorageError('opening it', { cause })
}

async function openPieces(
  maxBytes: number,
): Promise<{ readonly pieces: KeptPieces; readonly storageError: StorageError | undefined }> {
  try {
    return { pieces: await openIndexedDbPieces({ factory: ownFactory(), maxBytes }), storageError: undefined }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { pieces: openMemoryPieces(), storageError: error }
  }
}
