import { encodeTorrentFile } from '@annals/archive'
import type { Torrent, Wire } from 'webtorrent'
import type WebTorrent from 'webtorrent'
import type { HeldTorrent } from '../disk/held-torrent.ts'
import type { TorrentLog } from '../torrent-node.ts'
import { guardTorrent } from './guard-torrent.ts'
import type { HeldPieces } from './held-pieces.ts'
import { PeerJudge } from './peer-judge.ts'
import { PieceStore, type PieceStoreOptions } from './piece-store.ts'
import { askOnlyFor, failedPiece, markGone, markHere, selectOnly } from './steer-torrent.ts'

/** One who fetches from the torrent. */
export interface Fetcher {
  /** A block came over the wire. */
  blockCame(piece: number, offsetBytes: number, sizeBytes: number): void
  /** A piece is here: checked, durable and recorded. */
  pieceCame(piece: number): void
  /** A piece came with another hash than it should have. */
  pieceFailed?(piece: number): void
  /** The torrent is gone; nothing more will come. */
  stopped(cause: unknown): void
}

/**
 * A torrent in the BitTorrent client. It serves every piece that is here, and asks for a piece only as long as somebody
 * wants it: WebTorrent by itself also asks for what a peer offers to a choked one.
 */
export class LiveTorrent<H extends HeldPieces = HeldTorrent> {
  readonly held: H
  /** To be served also when nobody fetches. */
  seeded = false
  uploadedBytes = 0

  readonly #torrent: Torrent
  readonly #log: TorrentLog
  readonly #gives: boolean
  readonly #judge = new PeerJudge()
  readonly #fetchers = new Set<Fetcher>()
  /** How many want a piece. */
  readonly #wanted = new Map<number, number>()
  readonly #putting = new Set<number>()
  readonly #peers = new Set<string>()
  #stopListening = (): void => {}

  /**
   * Adds the torrent to the client; nothing of it is hashed but samples, if it is not complete. See `ready`.
   * @param gives whether peers get what is here
   */
  constructor(client: WebTorrent, held: H, trackers: readonly string[], log: TorrentLog, { gives = true } = {}) {
    this.held = held
    this.#log = log
    this.#gives = gives
    const storeOpts: PieceStoreOptions = { held, putting: this.#putting }
    this.#torrent = client.add(encodeTorrentFile({ infoBytes: held.info.infoBytes, trackers: [] }), {
      announce: trackers,
      store: PieceStore,
      storeOpts,
      storeCacheSlots: 0,
      deselect: true,
      ...(held.isComplete() ? { skipVerify: true } : { bitfield: held.bitfield() }),
    })
    askOnlyFor(this.#torrent, (piece) => this.#wanted.has(piece), this.#judge)
    guardTorrent(this.#torrent)
    this.#torrent.on('wire', (wire: Wire) => this.#onWire(wire))
    this.#torrent.on('warning', (warning: Error) => this.#onWarning(warning))
    this.#torrent.on('error', (error: Error) => this.#stop(error))
  }

  /** Resolves when the torrent is served. Rejects with what kept it from being so. */
  async ready(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#torrent.once('ready', resolve)
      this.#torrent.once('error', reject)
      this.#torrent.once('close', () => reject(new Error('the torrent was closed')))
    })
    this.#stopListening = this.held.listen((piece, here) => (here ? this.#onHere(piece) : this.#onForgotten(piece)))
    // What came or went while the client read its view of it.
    for (let piece = 0; piece < this.held.info.pieceCount; piece += 1) {
      if (!this.held.has(piece)) this.#onForgotten(piece)
      else if (!this.#torrent.bitfield.get(piece)) this.#onHere(piece)
    }
  }

  get destroyed(): boolean {
    return this.#torrent.destroyed
  }

  get peers(): number {
    return this.#torrent.numPeers
  }

  get fetchers(): number {
    return this.#fetchers.size
  }

  attach(fetcher: Fetcher): void {
    this.#fetchers.add(fetcher)
  }

  detach(fetcher: Fetcher): void {
    this.#fetchers.delete(fetcher)
  }

  /** Peers to connect to, now and whenever there are none. */
  addPeers(addresses: readonly string[]): void {
    for (const address of addresses) this.#peers.add(address)
    this.#connect()
  }

  /** Takes a connection with a browser; false where it is not wanted. */
  takePeer(peer: object): boolean {
    return !this.destroyed && this.#torrent.addPeer(peer, 'tracker')
  }

  /**
   * For a fetch to which nothing comes: looks for peers again if there are none, and has WebTorrent look over its peers,
   * since it misses one that is ready to send from the first moment on.
   */
  nudge(askTrackers: boolean): void {
    if (this.destroyed) return
    this.#select()
    if (this.peers > 0) return
    this.#connect()
    if (askTrackers) this.#torrent.discovery?.tracker?.update()
  }

  want(pieces: readonly number[]): void {
    for (const piece of pieces) this.#wanted.set(piece, (this.#wanted.get(piece) ?? 0) + 1)
    this.#select()
  }

  unwant(pieces: readonly number[]): void {
    for (const piece of pieces) {
      const others = (this.#wanted.get(piece) ?? 1) - 1
      if (others > 0) this.#wanted.set(piece, others)
      else this.#wanted.delete(piece)
    }
    this.#select()
  }

  /** Takes the torrent out of the client and waits until nothing of it is read or written any more. */
  async remove(): Promise<void> {
    this.#stop(new Error('the torrent was removed'))
    if (this.destroyed) return
    await new Promise<void>((resolve) => this.#torrent.destroy({ destroyStore: false }, () => resolve()))
  }

  #connect(): void {
    for (const address of this.#peers) if (!this.destroyed) this.#torrent.addPeer(address)
  }

  #select(): void {
    if (this.destroyed) return
    const missing = [...this.#wanted.keys()].filter((piece) => !this.held.has(piece))
    selectOnly(this.#torrent, missing, this.held.info.pieceCount)
  }

  #onWire(wire: Wire): void {
    if (this.#judge.isBanned(wire)) {
      wire.destroy()
      return
    }
    if (!this.#gives) wire.unchoke = () => {}
    wire.on('upload', (bytes: number) => {
      this.uploadedBytes += bytes
    })
    wire.on('piece', (piece: number, offset: number, bytes: Uint8Array) => {
      if (this.#wanted.has(piece)) this.#judge.blockCame(wire, piece)
      for (const fetcher of this.#fetchers) fetcher.blockCame(piece, offset, bytes.length)
    })
  }

  #onWarning(warning: Error): void {
    const piece = failedPiece(warning)
    this.#log.debug({ infoHash: this.held.info.infoHash, error: warning.message }, 'torrent warning')
    if (piece === undefined) return
    for (const fetcher of this.#fetchers) fetcher.pieceFailed?.(piece)
    const liar = this.#judge.pieceFailed(piece, Date.now())
    if (!liar) return
    const peer = `${liar.remoteAddress}:${liar.remotePort}`
    this.#log.warn({ infoHash: this.held.info.infoHash, peer, piece }, 'a peer sends bad data: banned')
    liar.destroy()
  }

  #onHere(piece: number): void {
    this.#judge.piecePassed(piece)
    const { bitfield } = this.#torrent
    if (!this.destroyed && !bitfield.get(piece) && !this.#putting.has(piece)) {
      // It came by another torrent of the community, or was stored.
      markHere(this.#torrent, piece)
    }
    for (const fetcher of this.#fetchers) fetcher.pieceCame(piece)
  }

  #onForgotten(piece: number): void {
    if (this.destroyed || !this.#torrent.bitfield.get(piece)) return
    markGone(this.#torrent, piece)
    if (this.#wanted.has(piece)) this.#select()
  }

  #stop(cause: Error): void {
    this.#stopListening()
    for (const fetcher of this.#fetchers) fetcher.stopped(cause)
    this.#fetchers.clear()
    this.#wanted.clear()
  }
}
