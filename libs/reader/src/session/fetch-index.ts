import { ArchiveError } from '@annals/archive'
import { decryptForGroup, isEncrypted } from '@annals/crypto'
import { nameOfKey } from '../chat/group-keys.ts'
import { IndexRefusedError } from '../errors.ts'
import { readPieces } from './bring-pieces.ts'
import type { OpenTorrent } from './open-torrent.ts'
import type { SessionKeys } from './session-keys.ts'
import { readWeeks, type ReadIndex } from './weeks.ts'

/** What became of an index: `key-missing` names the group key that it is encrypted under and that is not here. */
export type FetchedIndex =
  | ({ readonly kind: 'read' } & ReadIndex)
  | { readonly kind: 'key-missing'; readonly keyName: string }

/** Brings the index and reads it. @throws IndexRefusedError, and as `readPieces` */
export async function fetchIndex(torrent: OpenTorrent, keys: SessionKeys): Promise<FetchedIndex> {
  const { dataPieces, pieceCount, dataBytes, indexBytes, infoHash } = torrent.pieces.info
  const numbers = Array.from({ length: pieceCount - dataPieces }, (_, at) => dataPieces + at)
  let index = await readPieces(torrent, 'index', numbers, { offsetBytes: dataBytes, sizeBytes: indexBytes })
  if (isEncrypted(index)) {
    const opened = await decryptForGroup(index, keys)
    if (opened.kind === 'refused') throw new IndexRefusedError(infoHash, { cause: opened.error })
    if (opened.kind === 'key-missing') return { kind: 'key-missing', keyName: nameOfKey(opened.wanted) }
    index = opened.plain
  }
  return { kind: 'read', ...weeksIn(index, dataBytes, infoHash) }
}

function weeksIn(index: Uint8Array, dataBytes: number, infoHash: string): ReadIndex {
  try {
    return readWeeks(index, dataBytes)
  } catch (cause) {
    if (cause instanceof ArchiveError) throw new IndexRefusedError(infoHash, { cause })
    throw cause
  }
}
