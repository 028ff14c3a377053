import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import { pieceHashBytes, pieceLengthBytes } from '@annals/archive'

/** Compares bytes that come in parts with the hashes that a torrent gives for its pieces. */
export class PieceChecker {
  /** Numbers of the pieces that have another hash. */
  readonly wrong: number[] = []
  readonly #pieces: Uint8Array | undefined
  #piece: number
  #hash: Hash = createHash('sha1')
  #hashedBytes = 0

  /** Without hashes nothing is compared. @param firstPiece the piece at whose start the bytes begin */
  constructor(pieces: Uint8Array | undefined, firstPiece: number) {
    this.#pieces = pieces
    this.#piece = firstPiece
  }

  push(part: Uint8Array): void {
    if (this.#pieces === undefined) return
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + pieceLengthBytes - this.#hashedBytes)
      this.#hash.update(taken)
      this.#hashedBytes += taken.length
      at += taken.length
      if (this.#hashedBytes === pieceLengthBytes) this.#compare()
    }
  }

  /** The last piece, where it is shorter than others. */
  end(): void {
    if (this.#hashedBytes > 0) this.#compare()
  }

  #compare(): void {
    const at = this.#piece * pieceHashBytes
    const expected = this.#pieces?.subarray(at, at + pieceHashBytes) ?? new Uint8Array()
    if (!this.#hash.digest().equals(expected)) this.wrong.push(this.#piece)
    this.#piece++
    this.#hash = createHash('sha1')
    this.#hashedBytes = 0
  }
}
