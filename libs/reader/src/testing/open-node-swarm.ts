import { once } from 'node:events'
import { encodeTorrentFile, pieceLengthBytes } from '@annals/archive'
import WebTorrent, { type Callback, type ChunkStore } from 'webtorrent'
import { openWebTorrentSwarm } from '../swarm/webtorrent-swarm.ts'
import type { SwarmClient } from '../swarm/swarm-client.ts'
import type { MadeCommunity } from './make-community.ts'

/**
 * The swarm of a page, in Node: its peers come over TCP, by way of an HTTP tracker that stands in for those of links, since
 * Node's WebRTC does not connect reliably on a busy machine.
 */
export async function openNodeSwarm(trackerUrl: string): Promise<SwarmClient> {
  const swarms = openWebTorrentSwarm(await openClient())
  return {
    join: (options) => swarms.join({ ...options, trackers: [trackerUrl] }),
    [Symbol.asyncDispose]: () => swarms[Symbol.asyncDispose](),
  }
}

/** A peer that has a whole torrent, and alters the first byte of every piece of `data` that it sends. */
export async function startLiar(community: MadeCommunity, trackers: readonly string[]): Promise<AsyncDisposable> {
  const client = await openClient()
  const bytes = Buffer.concat([community.data, community.index])
  for (let at = 0; at < community.data.length; at += pieceLengthBytes) bytes[at]! ^= 1
  const torrent = client.add(encodeTorrentFile({ infoBytes: community.infoBytes, trackers: [] }), {
    announce: trackers,
    store: BytesStore,
    storeOpts: { bytes },
    storeCacheSlots: 0,
    skipVerify: true,
  })
  await once(torrent, 'ready')
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => client.destroy(() => resolve())),
  }
}

async function openClient(): Promise<WebTorrent> {
  const client = new WebTorrent({
    tracker: { wrtc: false },
    torrentPort: { host: '127.0.0.1', port: 0 },
    dht: false,
    lsd: false,
    utp: false,
    utPex: false,
    natUpnp: false,
    natPmp: false,
    webSeeds: false,
    secure: 0,
  })
  await once(client, 'listening')
  return client
}

/** Serves bytes as they are. */
class BytesStore implements ChunkStore {
  readonly chunkLength: number
  readonly #bytes: Uint8Array

  constructor(chunkLength: number, { bytes }: { readonly bytes: Uint8Array }) {
    this.chunkLength = chunkLength
    this.#bytes = bytes
  }

  put(_piece: number, _bytes: Uint8Array, callback: Callback): void {
    callback(null)
  }

  get(
    piece: number,
    options: { readonly offset?: number; readonly length?: number } | null,
    callback: Callback<Uint8Array>,
  ): void {
    const start = piece * this.chunkLength + (options?.offset ?? 0)
    callback(null, this.#bytes.subarray(start, start + (options?.length ?? this.chunkLength)))
  }

  close(callback: Callback): void {
    callback(null)
  }

  destroy(callback: Callback): void {
    callback(null)
  }
}
