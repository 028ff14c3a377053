import { callbackify } from 'node:util'
import type { Callback, ChunkStore } from 'webtorrent'
import { pieceSizeBytes } from '../torrent-info.ts'
import type { HeldPieces } from './held-pieces.ts'

export interface PieceStoreOptions {
  readonly held: HeldPieces
  /** Pieces that WebTorrent is putting; it sees to itself that it knows of them. */
  readonly putting: Set<number>
}

/** What WebTorrent reads and writes pieces through: never a path of the torrent's, only numbers of its pieces. */
export class PieceStore implements ChunkStore {
  readonly chunkLength: number
  readonly #held: HeldPieces
  readonly #putting: Set<number>
  readonly #working = new Set<Promise<unknown>>()

  constructor(chunkLength: number, options: PieceStoreOptions) {
    this.chunkLength = chunkLength
    this.#held = options.held
    this.#putting = options.putting
  }

  put(piece: number, bytes: Uint8Array, callback: Callback): void {
    this.#putting.add(piece)
    const written = this.#held.write(piece, bytes).finally(() => this.#putting.delete(piece))
    this.#answer(written, callback)
  }

  get(
    piece: number,
    options: { readonly offset?: number; readonly length?: number } | null,
    callback: Callback<Uint8Array>,
  ): void {
    const offset = options?.offset ?? 0
    this.#answer(
      this.#held.read(piece, offset, options?.length ?? pieceSizeBytes(this.#held.info, piece) - offset),
      callback,
    )
  }

  /** Waits for what is under way; the files themselves belong to the node. */
  close(callback: Callback): void {
    callbackify(async () => {
      await Promise.allSettled(this.#working)
    })(callback)
  }

  destroy(callback: Callback): void {
    this.close(callback)
  }

  #answer<T>(work: Promise<T>, callback: Callback<T>): void {
    this.#working.add(work)
    callbackify(() => work.finally(() => this.#working.delete(work)))(callback)
  }
}
