/**
 * What this package uses of WebTorrent 3, which ships no types. The members with an underscore are internals: nothing
 * public does what they are used for here, and the tests fail if a new version changes them.
 */
declare module 'webtorrent' {
  import type { EventEmitter } from 'node:events'
  import type { Server } from 'node:net'

  export interface ClientOptions {
    /** Handed on to `net.Server.listen`, which takes an object with a host too. */
    readonly torrentPort?: number | { readonly host: string; readonly port: number }
    readonly dhtPort?: number
    readonly dht?: boolean
    readonly tracker?: boolean | { readonly wrtc?: false; readonly rtcConfig?: object }
    readonly lsd?: boolean
    readonly utPex?: boolean
    readonly utp?: boolean
    readonly natUpnp?: boolean
    readonly natPmp?: boolean
    readonly webSeeds?: boolean
    /** Protocol encryption: 0 off, 1 tried first, 2 required. */
    readonly secure?: 0 | 1 | 2
    readonly uploadLimit?: number
    readonly downloadLimit?: number
  }

  export interface TorrentOptions {
    readonly announce?: readonly string[]
    readonly store?: new (chunkLength: number, options: never) => ChunkStore
    readonly storeOpts?: object
    readonly storeCacheSlots?: number
    readonly skipVerify?: boolean
    readonly bitfield?: Uint8Array
    readonly deselect?: boolean
    readonly path?: string
    readonly urlList?: readonly string[]
  }

  export type Callback<T = void> = (error: Error | null, value?: T) => void

  /** The abstract-chunk-store interface. */
  export interface ChunkStore {
    readonly chunkLength: number
    put(index: number, bytes: Uint8Array, callback: Callback): void
    get(
      index: number,
      options: { readonly offset?: number; readonly length?: number } | null,
      callback: Callback<Uint8Array>,
    ): void
    close(callback: Callback): void
    destroy(callback: Callback): void
  }

  export interface Wire extends EventEmitter {
    readonly destroyed: boolean
    readonly peerId: string
    readonly type: string
    readonly remoteAddress?: string
    readonly remotePort?: number
    /** Requests of the peer that wait for an answer. */
    readonly peerRequests: readonly unknown[]
    readonly ut_metadata: { setMetadata(bytes: Uint8Array): Promise<boolean> }
    destroy(): void
    have(piece: number): void
    /** Of streamx: bytes and messages that wait to be sent. */
    readonly _readableState: { readonly buffered: number; readonly queue: { readonly length: number } }
    _parser: ((bytes: Uint8Array) => void) | null
    _parserSize: number
    _onMessageLength(bytes: Uint8Array): void
    _onRequest(piece: number, offset: number, length: number): void
    _onMessage(bytes: Uint8Array): void
  }

  export interface Torrent extends EventEmitter {
    readonly infoHash: string
    readonly destroyed: boolean
    readonly ready: boolean
    readonly numPeers: number
    readonly wires: readonly Wire[]
    readonly files: readonly { readonly name: string; arrayBuffer(): Promise<ArrayBuffer> }[]
    readonly bitfield: { get(piece: number): boolean }
    readonly discovery: { readonly tracker: { update(): void } | null } | null
    /** An address, or a connection of simple-peer. */
    addPeer(peer: string | object, source?: string): boolean
    readonly _peersLength: number
    select(first: number, last: number, priority?: number): void
    deselect(first: number, last: number): void
    destroy(options: { readonly destroyStore: boolean }, callback: Callback): void
    /** Asks one peer for one block of a piece; answers whether it did. Everything that is fetched goes through it. */
    _request(wire: Wire, piece: number, hotswap: boolean): boolean
    _markVerified(piece: number): void
    _markUnverified(piece: number): void
    _checkDone(): boolean
  }

  export default class WebTorrent extends EventEmitter {
    constructor(options: ClientOptions)
    readonly torrentPort: number | object
    readonly destroyed: boolean
    readonly torrents: readonly Torrent[]
    readonly _connPool: { readonly tcpServer: Server }
    add(torrentId: Uint8Array | string, options: TorrentOptions): Torrent
    destroy(callback: Callback): void
  }
}
