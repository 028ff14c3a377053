import type { Callback, ChunkStore } from 'webtorrent'
import type { TorrentPieces } from '../pieces/torrent-pieces.ts'

export interface ChunkStoreOptions {
  /** Set before the store is made, which is when the torrent's metadata is known. */
  pieces: TorrentPieces | undefined
  /** Pieces that WebTorrent is putting; it sees to itself that it knows of them. */
  readonly putting: Set<number>
}

/** What WebTorrent reads and writes pieces through. Every piece is checked on its way in, whoever checked it before. */
export class PieceChunkStore implements ChunkStore {
  readonly chunkLength: number
  readonly #pieces: TorrentPieces
  readonly #putting: Set<number>

  constructor(chunkLength: number, options: ChunkStoreOptions) {
    this.chunkLength = chunkLength
    if (options.pieces === undefined) throw new Error('a chunk store needs the torrent’s pieces')
    this.#pieces = options.pieces
    this.#putting = options.putting
  }

  put(piece: number, bytes: Uint8Array, callback: Callback): void {
    this.#putting.add(piece)
    void answer(this.#take(piece, bytes), callback)
  }

  get(
    piece: number,
    options: { readonly offset?: number; readonly length?: number } | null,
    callback: Callback<Uint8Array>,
  ): void {
    const offset = options?.offset ?? 0
    const read = this.#pieces
      .read(piece)
      .then((bytes) => bytes.subarray(offset, offset + (options?.length ?? bytes.length - offset)))
    void answer(read, callback)
  }

  async #take(piece: number, bytes: Uint8Array): Promise<void> {
    try {
      if (!(await this.#pieces.take(piece, bytes))) throw new Error(`piece ${piece} is not what the torrent says`)
    } finally {
      this.#putting.delete(piece)
    }
  }

  close(callback: Callback): void {
    callback(null)
  }

  destroy(callback: Callback): void {
    callback(null)
  }
}

async function answer<T>(work: Promise<T>, callback: Callback<T>): Promise<void> {
  let value: T
  try {
    value = await work
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)))
    return
  }
  callback(null, value)
}
