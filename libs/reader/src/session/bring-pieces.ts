import { NoSourceError, PieceMissingError, type FetchStep } from '../errors.ts'
import type { OpenTorrent } from './open-torrent.ts'

const maxReadAttempts = 3

export interface BringOptions {
  readonly signal?: AbortSignal | undefined
  /** Called for each piece that came. */
  readonly onPiece?: (() => void) | undefined
}

/** Brings pieces that are not here yet. @throws NoSourceError, FetchStalledError, the signal's reason */
export async function bringPieces(
  { pieces, fetcher, hasSources }: OpenTorrent,
  step: FetchStep,
  numbers: readonly number[],
  { signal, onPiece }: BringOptions,
): Promise<void> {
  if (!hasSources && pieces.missing(numbers).length > 0) throw new NoSourceError(pieces.info.infoHash)
  await fetcher.bring(numbers, { step, signal, onPiece })
}

/**
 * Brings pieces and reads a range of the torrent that is in them; again where one that was kept turns out to be damaged.
 * @throws as `bringPieces`, PieceMissingError
 */
export async function readPieces(
  torrent: OpenTorrent,
  step: FetchStep,
  numbers: readonly number[],
  range: { readonly offsetBytes: number; readonly sizeBytes: number },
  options: BringOptions = {},
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    await bringPieces(torrent, step, numbers, options)
    try {
      return await torrent.pieces.readRange(range.offsetBytes, range.sizeBytes)
    } catch (error) {
      // A storage that takes pieces and does not give them back would keep us here for ever.
      if (!(error instanceof PieceMissingError) || attempt === maxReadAttempts) throw error
    }
  }
}
