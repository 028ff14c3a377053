/** A torrent's piece, in bytes. No power of two: it is status-go's (`pieceLength` in archive manager), and stays. */
export const pieceLengthBytes = 102_400

/** A piece hash: SHA-1. */
export const pieceHashBytes = 20

/**
 * Bytes an archive takes in `data`, padding included. An exact multiple of the piece length gets one piece more, from
 * two pieces on (formats §2).
 */
export function paddedSizeBytes(rawBytes: number): number {
  if (rawBytes <= pieceLengthBytes) return pieceLengthBytes
  return rawBytes + pieceLengthBytes - (rawBytes % pieceLengthBytes)
}
