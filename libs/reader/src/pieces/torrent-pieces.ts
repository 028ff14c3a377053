import { pieceLengthBytes } from '@annals/archive'
import { pieceHash, pieceSizeBytes, type TorrentInfo } from '@annals/torrents/browser'
import { PieceMissingError, StorageError, StorageFullError } from '../errors.ts'
import { hashHex, toDigits } from './sha1.ts'
import type { KeptPieces } from './kept-pieces.ts'

/** Pieces that could not be kept are held in memory until their week is read: one archive of the largest size. */
const maxLooseBytes = 64 << 20

/** Hears of pieces that came or went. */
export interface PieceListener {
  came(piece: number): void
  gone(piece: number): void
}

/**
 * The pieces of one torrent that are here. Nothing gets in whose hash is not the torrent's, and what was kept from another
 * visit is hashed when it is first read.
 */
export class TorrentPieces {
  readonly info: TorrentInfo
  readonly #kept: KeptPieces
  readonly #hashes: readonly string[]
  readonly #here: Uint8Array
  readonly #checked: Uint8Array
  readonly #loose = new Map<number, Uint8Array>()
  readonly #listeners = new Set<PieceListener>()
  #looseBytes = 0
  #storageProblem: StorageFullError | StorageError | undefined

  private constructor(info: TorrentInfo, kept: KeptPieces) {
    this.info = info
    this.#kept = kept
    this.#hashes = Array.from({ length: info.pieceCount }, (_, piece) => toDigits(pieceHash(info.pieceHashes, piece)))
    this.#here = new Uint8Array(info.pieceCount)
    this.#checked = new Uint8Array(info.pieceCount)
  }

  /** Looks which pieces are kept; nothing of them is read. A storage that fails counts as an empty one. */
  static async open(info: TorrentInfo, kept: KeptPieces): Promise<TorrentPieces> {
    const pieces = new TorrentPieces(info, kept)
    try {
      const hashes = new Set(await kept.list(info.communityId))
      for (const [piece, hash] of pieces.#hashes.entries()) pieces.#here[piece] = hashes.has(hash) ? 1 : 0
    } catch (error) {
      pieces.#noteProblem(error)
    }
    return pieces
  }

  /** What keeps pieces from being kept for the next visit. */
  get storageProblem(): StorageFullError | StorageError | undefined {
    return this.#storageProblem
  }

  has(piece: number): boolean {
    return this.#here[piece] === 1
  }

  missing(pieces: Iterable<number>): number[] {
    return [...pieces].filter((piece) => !this.has(piece))
  }

  sizeBytes(piece: number): number {
    return pieceSizeBytes(this.info, piece)
  }

  /** One bit a piece, the first one highest. */
  bitfield(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.#here.length / 8))
    for (const [piece, here] of this.#here.entries()) if (here) bits[piece >> 3]! |= 0x80 >> (piece & 7)
    return bits
  }

  listen(listener: PieceListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes a piece in, if it is the right one. @returns false where it is not */
  async take(piece: number, bytes: Uint8Array): Promise<boolean> {
    const hash = this.#hashes[piece]
    if (hash === undefined || bytes.length !== this.sizeBytes(piece) || (await hashHex(bytes)) !== hash) return false
    if (this.has(piece)) return true
    try {
      await this.#kept.write(this.info.communityId, hash, bytes)
    } catch (error) {
      this.#noteProblem(error)
      this.#holdLoose(piece, bytes)
    }
    this.#here[piece] = this.#checked[piece] = 1
    for (const listener of this.#listeners) listener.came(piece)
    return true
  }

  /**
   * A piece that is here. One that was kept and no longer has its hash is dropped.
   * @throws PieceMissingError
   */
  async read(piece: number): Promise<Uint8Array> {
    const loose = this.#loose.get(piece)
    if (loose !== undefined) return loose
    const hash = this.#hashes[piece]
    if (hash !== undefined && this.has(piece)) {
      const bytes = await this.#kept
        .read(this.info.communityId, hash)
        .catch((error: unknown) => this.#noteProblem(error))
      const isWhole = bytes !== undefined && (this.#checked[piece] === 1 || (await hashHex(bytes)) === hash)
      if (isWhole) {
        this.#checked[piece] = 1
        return bytes
      }
      await this.#drop(piece, hash)
    }
    throw new PieceMissingError(this.info.infoHash, piece)
  }

  /** `sizeBytes` from a place in the torrent on, where a piece begins. @throws PieceMissingError */
  async readRange(offsetBytes: number, sizeBytes: number): Promise<Uint8Array> {
    const range = new Uint8Array(sizeBytes)
    for (let at = 0; at < sizeBytes; at += pieceLengthBytes) {
      const bytes = await this.read((offsetBytes + at) / pieceLengthBytes)
      range.set(bytes.subarray(0, Math.min(bytes.length, sizeBytes - at)), at)
    }
    return range
  }

  /** Removes what is kept of the community and is in no piece of this torrent: older indexes, a history that was replaced. */
  async removeForeign(): Promise<void> {
    const { communityId } = this.info
    const ours = new Set(this.#hashes)
    try {
      const foreign = (await this.#kept.list(communityId)).filter((hash) => !ours.has(hash))
      if (foreign.length > 0) await this.#kept.remove(communityId, foreign)
    } catch (error) {
      this.#noteProblem(error)
    }
  }

  /** Lets go of pieces that could not be kept. */
  releaseLoose(): void {
    for (const piece of this.#loose.keys()) this.#letGo(piece)
  }

  #holdLoose(piece: number, bytes: Uint8Array): void {
    this.#loose.set(piece, bytes.slice())
    this.#looseBytes += bytes.length
    for (const oldest of this.#loose.keys()) {
      if (this.#looseBytes <= maxLooseBytes) return
      this.#letGo(oldest)
    }
  }

  #letGo(piece: number): void {
    this.#looseBytes -= this.#loose.get(piece)?.length ?? 0
    this.#loose.delete(piece)
    this.#isGone(piece)
  }

  async #drop(piece: number, hash: string): Promise<void> {
    await this.#kept.remove(this.info.communityId, [hash]).catch((error: unknown) => this.#noteProblem(error))
    this.#isGone(piece)
  }

  #isGone(piece: number): void {
    this.#here[piece] = this.#checked[piece] = 0
    for (const listener of this.#listeners) listener.gone(piece)
  }

  #noteProblem(error: unknown): undefined {
    if (!(error instanceof StorageFullError || error instanceof StorageError)) throw error
    this.#storageProblem = error
  }
}
