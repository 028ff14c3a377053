import type { TorrentInfo } from '../torrent-info.ts'

/** What is here of a torrent, as the BitTorrent client needs to know it. */
export interface HeldPieces {
  readonly info: TorrentInfo
  has(piece: number): boolean
  /** True if every piece is here. */
  isComplete(): boolean
  /** One bit a piece, the highest of a byte first, as BitTorrent has it. */
  bitfield(): Uint8Array
  /** Bytes of a piece, for a reader that may ask anything. Rejects for what cannot be had. */
  read(piece: number, offsetBytes: number, sizeBytes: number): Promise<Uint8Array>
  /** Takes a piece whose hash has been checked. */
  write(piece: number, bytes: Uint8Array): Promise<void>
  /** Calls back when a piece comes to be here, or is gone. Answers what stops it. */
  listen(listener: (piece: number, here: boolean) => void): () => void
}
