import { constants } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pieceHashBytes, pieceLengthBytes } from '@annals/archive'
import { DamagedPieceError, DiskError, NotHeldError } from '../errors.ts'
import type { TorrentInfo } from '../torrent-info.ts'
import { pieceHash, pieceSizeBytes } from '../torrent-info.ts'
import type { DiskContext } from './disk-context.ts'
import type { Lineage } from './lineage.ts'
import { writeWholeFile } from './write-whole-file.ts'

/**
 * A torrent whose metadata is known, with what the folder has of it: pieces of the lineage's `data`, and its own index
 * file. The index appears whole or not at all; until all its pieces came they are kept in memory.
 */
export class HeldTorrent {
  readonly info: TorrentInfo
  readonly lineage: Lineage
  trackers: readonly string[]

  readonly #context: DiskContext
  readonly #indexPath: string
  #indexOnDisk: boolean
  /** Pieces of the index that came so far, by number in the index. */
  readonly #indexParts = new Map<number, Buffer>()
  readonly #checkedIndex = new Set<number>()
  readonly #listeners = new Set<(piece: number, here: boolean) => void>()

  private constructor(
    info: TorrentInfo,
    lineage: Lineage,
    trackers: readonly string[],
    indexOnDisk: boolean,
    context: DiskContext,
  ) {
    this.info = info
    this.lineage = lineage
    this.trackers = trackers
    this.#context = context
    this.#indexPath = join(lineage.folder, `${info.infoHash}.index`)
    this.#indexOnDisk = indexOnDisk
  }

  static async load(
    info: TorrentInfo,
    lineage: Lineage,
    trackers: readonly string[],
    context: DiskContext,
  ): Promise<HeldTorrent> {
    const path = join(lineage.folder, `${info.infoHash}.index`)
    const sizeBytes = await stat(path).then(
      ({ size }) => size,
      () => undefined,
    )
    return new HeldTorrent(info, lineage, trackers, sizeBytes === info.indexBytes, context)
  }

  has(piece: number): boolean {
    const { info } = this
    if (piece < info.dataPieces) return this.lineage.holds(piece, pieceHash(info.pieceHashes, piece))
    return this.#indexOnDisk || this.#indexParts.has(piece - info.dataPieces)
  }

  /** True if every byte of the torrent is here. */
  isComplete(): boolean {
    const { info } = this
    return this.#indexOnDisk && this.lineage.holdsAll(info.pieceHashes.subarray(0, info.dataPieces * pieceHashBytes))
  }

  /** The pieces of [first, end) that are not here. */
  missing(first = 0, end = this.info.pieceCount): number[] {
    const pieces: number[] = []
    for (let piece = first; piece < end; piece += 1) if (!this.has(piece)) pieces.push(piece)
    return pieces
  }

  /** One bit a piece, the highest of a byte first, as BitTorrent has it. */
  bitfield(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.info.pieceCount / 8))
    for (let piece = 0; piece < this.info.pieceCount; piece += 1) {
      if (this.has(piece)) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
    }
    return bits
  }

  /**
   * Bytes of a piece, for a reader that may ask anything.
   * @throws NotHeldError for what is not here or not in the piece, DamagedPieceError, DiskError
   */
  async read(piece: number, offsetBytes: number, sizeBytes: number): Promise<Buffer> {
    const { info } = this
    const inTorrent = Number.isInteger(piece) && piece >= 0 && piece < info.pieceCount
    if (!inTorrent || !this.has(piece)) throw new NotHeldError(info.communityId, info.infoHash, 1)
    if (offsetBytes < 0 || sizeBytes < 0 || offsetBytes + sizeBytes > pieceSizeBytes(info, piece)) {
      throw new RangeError(`piece ${piece} has no ${sizeBytes} bytes at ${offsetBytes}`)
    }
    if (piece < info.dataPieces) return this.lineage.read(piece, offsetBytes, sizeBytes)
    const part = this.#indexParts.get(piece - info.dataPieces) ?? (await this.#readIndexPiece(piece))
    return part.subarray(offsetBytes, offsetBytes + sizeBytes)
  }

  /** The whole index. @throws NotHeldError, DamagedPieceError, DiskError */
  async readIndex(): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let piece = this.info.dataPieces; piece < this.info.pieceCount; piece += 1) {
      parts.push(await this.read(piece, 0, pieceSizeBytes(this.info, piece)))
    }
    return Buffer.concat(parts)
  }

  /** Takes a piece whose hash has been checked; resolves once it is durable and recorded. @throws DiskError */
  async write(piece: number, bytes: Uint8Array): Promise<void> {
    const { info } = this
    if (piece < info.dataPieces) return this.lineage.write(piece, bytes, pieceHash(info.pieceHashes, piece))
    if (this.#indexOnDisk) return
    this.#indexParts.set(piece - info.dataPieces, Buffer.from(bytes))
    const indexPieces = info.pieceCount - info.dataPieces
    if (this.#indexParts.size === indexPieces) {
      const parts = [...this.#indexParts].sort(([a], [b]) => a - b).map(([, part]) => part)
      try {
        await this.writeIndex(Buffer.concat(parts))
      } catch (error) {
        // Or else it would seem to be here, and nobody would try again.
        this.#indexParts.delete(piece - info.dataPieces)
        throw error
      }
    }
    for (const listener of this.#listeners) listener(piece, true)
  }

  /** Puts the whole index, which has been checked, in its place. @throws DiskError */
  async writeIndex(bytes: Uint8Array): Promise<void> {
    await writeWholeFile(this.#context.temporaryFolder, this.#indexPath, bytes)
    // An open file would still be the replaced one.
    await this.#context.pool.release(this.#indexPath)
    this.#indexOnDisk = true
    this.#indexParts.clear()
    for (let piece = this.info.dataPieces; piece < this.info.pieceCount; piece += 1) this.#checkedIndex.add(piece)
  }

  get indexHeld(): boolean {
    return this.#indexOnDisk
  }

  /** Calls back when a piece of this torrent comes to be here, or is found damaged. Answers what stops it. */
  listen(listener: (piece: number, here: boolean) => void): () => void {
    this.#listeners.add(listener)
    const stop = this.lineage.listen((piece, here) => {
      if (piece < this.info.dataPieces && (!here || this.has(piece))) listener(piece, here)
    })
    return () => {
      stop()
      this.#listeners.delete(listener)
    }
  }

  async #readIndexPiece(piece: number): Promise<Buffer> {
    const { info } = this
    const start = (piece - info.dataPieces) * pieceLengthBytes
    const bytes = await this.#context.pool.use(this.#indexPath, constants.O_RDONLY, async (file) => {
      const buffer = Buffer.alloc(pieceSizeBytes(info, piece))
      await file.read(buffer, 0, buffer.length, start)
      return buffer
    })
    if (this.#checkedIndex.has(piece)) return bytes
    if (Buffer.compare(this.#context.sha1(bytes), pieceHash(info.pieceHashes, piece)) !== 0) {
      await this.#forgetIndex()
      throw new DamagedPieceError(this.#indexPath, piece - info.dataPieces)
    }
    this.#checkedIndex.add(piece)
    return bytes
  }

  async #forgetIndex(): Promise<void> {
    this.#context.log.warn({ path: this.#indexPath }, 'the index is damaged on disk and has been forgotten')
    this.#indexOnDisk = false
    this.#checkedIndex.clear()
    await this.#context.pool.release(this.#indexPath)
    try {
      await rm(this.#indexPath, { force: true })
    } catch (error) {
      throw new DiskError(this.#indexPath, error)
    }
    for (let piece = this.info.dataPieces; piece < this.info.pieceCount; piece += 1) {
      for (const listener of this.#listeners) listener(piece, false)
    }
  }
}
