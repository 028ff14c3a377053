import { encodeTorrentFile } from '@annals/archive'
import {
  askOnlyFor,
  failedPiece,
  guardTorrent,
  markGone,
  markHere,
  PeerJudge,
  selectOnly,
} from '@annals/torrents/browser'
import type WebTorrent from 'webtorrent'
import type { Torrent, Wire } from 'webtorrent'
import { hashHex } from '../pieces/sha1.ts'
import type { TorrentPieces } from '../pieces/torrent-pieces.ts'
import { PieceChunkStore, type ChunkStoreOptions } from './piece-chunk-store.ts'
import type { JoinOptions, Swarm, SwarmClient } from './swarm-client.ts'

/** Peers are looked over again so often: WebTorrent misses one that is ready to send from the first moment on. */
const nudgeMilliseconds = 1_000
/** Trackers are asked again where there are no peers. */
const askTrackersMilliseconds = 15_000

/** Peers over a WebTorrent client, which it takes over: disposing destroys it. */
export function openWebTorrentSwarm(client: WebTorrent): SwarmClient {
  // What ends the client closes its torrents, and they say so.
  client.on('error', () => {})
  return {
    join: (options) => new WebTorrentSwarm(client, options),
    async [Symbol.asyncDispose]() {
      if (!client.destroyed) await new Promise<void>((resolve) => client.destroy(() => resolve()))
    },
  }
}

/** A torrent in a WebTorrent client: first without its metadata, then with it, with the same peers. */
class WebTorrentSwarm implements Swarm {
  readonly #torrent: Torrent
  readonly #options: JoinOptions
  readonly #judge = new PeerJudge()
  readonly #store: ChunkStoreOptions = { pieces: undefined, putting: new Set() }
  readonly #info = Promise.withResolvers<Uint8Array>()
  readonly #nudger: ReturnType<typeof setInterval>
  #wanted = new Set<number>()
  #stopListening = (): void => {}
  #askedTrackersAt = performance.now()
  #seeds = true
  #isOver = false

  constructor(client: WebTorrent, options: JoinOptions) {
    const { infoHash, trackers } = options
    this.#options = options
    this.#torrent = client.add(`magnet:?xt=urn:btih:${infoHash}`, {
      announce: trackers,
      store: PieceChunkStore,
      storeOpts: this.#store,
      storeCacheSlots: 0,
      deselect: true,
      // Without it a tracker takes one that does not know the torrent's length yet for a seeder.
      getAnnounceOpts: () => ({ left: this.#store.pieces?.missingBytes() ?? 1 }),
    })
    askOnlyFor(this.#torrent, (piece) => this.#wanted.has(piece), this.#judge)
    guardTorrent(this.#torrent)
    this.#torrent.on('wire', (wire: Wire) => this.#onWire(wire))
    this.#torrent.on('warning', (warning: Error) => this.#onWarning(warning))
    this.#torrent.on('error', (error: Error) => this.#fail(error))
    this.#torrent.on('close', () => this.#fail(new Error('the BitTorrent client gave the torrent up')))
    // Whoever does not ask for the info dictionary need not hear that it did not come.
    this.#info.promise.catch(() => {})
    this.#nudger = setInterval(() => this.#nudge(), nudgeMilliseconds)
  }

  get peers(): number {
    return this.#torrent.destroyed ? 0 : this.#torrent.numPeers
  }

  async fetchInfo(signal: AbortSignal): Promise<Uint8Array> {
    const aborted = Promise.withResolvers<never>()
    const abort = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    try {
      return await Promise.race([this.#info.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async start(pieces: TorrentPieces): Promise<void> {
    if (this.#torrent.destroyed) throw new Error('the torrent was given up')
    this.#store.pieces = pieces
    const ready = new Promise<void>((resolve, reject) => {
      this.#torrent.once('ready', resolve)
      this.#torrent.once('error', reject)
      this.#torrent.once('close', () => reject(new Error('the torrent was closed')))
    })
    this.#torrent._startupBitfield = pieces.bitfield()
    await this.#torrent._onMetadata(encodeTorrentFile({ infoBytes: pieces.info.infoBytes, trackers: [] }))
    await ready
    this.#stopListening = pieces.listen({ came: (piece) => this.#onHere(piece), gone: (piece) => this.#onGone(piece) })
    // What came or went while the client read its view of it.
    for (let piece = 0; piece < pieces.info.pieceCount; piece += 1) {
      if (!pieces.has(piece)) this.#onGone(piece)
      else if (!this.#torrent.bitfield.get(piece)) this.#onHere(piece)
    }
    this.#select()
  }

  want(pieces: readonly number[]): void {
    if (pieces.length === this.#wanted.size && pieces.every((piece) => this.#wanted.has(piece))) return
    this.#wanted = new Set(pieces)
    this.#select()
  }

  seed(on: boolean): void {
    this.#seeds = on
    // Who is let in again is WebTorrent's turn every ten seconds.
    if (!on) for (const wire of this.#torrent.wires) wire.choke()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearInterval(this.#nudger)
    this.#stopListening()
    this.#wanted.clear()
    if (this.#torrent.destroyed) return
    await new Promise<void>((resolve) => this.#torrent.destroy({ destroyStore: false }, () => resolve()))
  }

  /** Once, and not for what was asked for. */
  #fail(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#info.reject(error)
    this.#options.listener.failed(error)
  }

  #nudge(): void {
    if (this.#torrent.destroyed) return
    if (this.#wanted.size > 0) this.#select()
    const now = performance.now()
    if (this.#torrent.numPeers > 0 || now - this.#askedTrackersAt < askTrackersMilliseconds) return
    this.#askedTrackersAt = now
    this.#torrent.discovery?.tracker?.update()
  }

  #select(): void {
    const { pieces } = this.#store
    if (this.#torrent.destroyed || !this.#torrent.ready || pieces === undefined) return
    selectOnly(this.#torrent, pieces.missing(this.#wanted), pieces.info.pieceCount)
  }

  #onWire(wire: Wire): void {
    if (this.#judge.isBanned(wire)) {
      wire.destroy()
      return
    }
    const { listener } = this.#options
    this.#takeInfoFrom(wire)
    const unchoke = wire.unchoke.bind(wire)
    wire.unchoke = () => {
      if (this.#seeds) unchoke()
    }
    wire.on('upload', (bytes: number) => listener.sent(bytes))
    wire.on('piece', (piece: number, _offset: number, bytes: Uint8Array) => {
      if (this.#wanted.has(piece)) this.#judge.blockCame(wire, piece)
      listener.received(bytes.length)
    })
    wire.once('close', () => queueMicrotask(() => listener.peers(this.peers)))
    listener.peers(this.peers)
  }

  /**
   * WebTorrent does not see the info dictionary before anybody has checked what it says: it would read it at once, and what
   * it throws on some of them nobody catches.
   */
  #takeInfoFrom(wire: Wire): void {
    const { listener, infoHash } = this.#options
    const { ut_metadata: exchange } = wire
    const setMetadata = exchange.setMetadata.bind(exchange)
    exchange.setMetadata = async (bytes) => {
      if (this.#store.pieces !== undefined) return setMetadata(bytes)
      if ((await hashHex(bytes)) !== infoHash) return false
      listener.received(bytes.length)
      this.#info.resolve(Uint8Array.from(bytes))
      return true
    }
  }

  #onWarning(warning: Error): void {
    const piece = failedPiece(warning)
    if (piece === undefined) return
    const liar = this.#judge.pieceFailed(piece, Date.now())
    const source = liar === undefined ? '' : (liar.remoteAddress ?? liar.peerId)
    this.#options.listener.refused(piece, source)
    liar?.destroy()
  }

  #onHere(piece: number): void {
    this.#judge.piecePassed(piece)
    if (this.#torrent.destroyed || this.#torrent.bitfield.get(piece) || this.#store.putting.has(piece)) return
    // It came from a web seed.
    markHere(this.#torrent, piece)
  }

  #onGone(piece: number): void {
    if (this.#torrent.destroyed || !this.#torrent.bitfield.get(piece)) return
    markGone(this.#torrent, piece)
    this.#select()
  }
}
