import type { HeldPieces } from '../client/held-pieces.ts'
import { NotHeldError } from '../errors.ts'
import type { TorrentInfo } from '../torrent-info.ts'

/** Knows which pieces came and had the right hash, and keeps no byte of them: who only looks needs none. */
export class CheckedPieces implements HeldPieces {
  readonly info: TorrentInfo
  readonly #checked = new Set<number>()
  readonly #listeners = new Set<(piece: number, here: boolean) => void>()

  constructor(info: TorrentInfo) {
    this.info = info
  }

  has(piece: number): boolean {
    return this.#checked.has(piece)
  }

  isComplete(): boolean {
    return this.#checked.size === this.info.pieceCount
  }

  bitfield(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.info.pieceCount / 8))
    for (const piece of this.#checked) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
    return bits
  }

  /** @throws NotHeldError always */
  read(): Promise<never> {
    return Promise.reject(new NotHeldError(this.info.communityId, this.info.infoHash, this.info.pieceCount))
  }

  write(piece: number): Promise<void> {
    this.#checked.add(piece)
    for (const listener of this.#listeners) listener(piece, true)
    return Promise.resolve()
  }

  listen(listener: (piece: number, here: boolean) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
