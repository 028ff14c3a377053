import type { Tally } from '../chat/tally.ts'
import type { StorageError, StorageFullError } from '../errors.ts'
import type { Signature } from '../link/check-announcement.ts'

export type ReaderPhase =
  /** Asks a node what is behind the link. */
  | 'resolving'
  /** Looks for the torrent's info dictionary. */
  | 'fetching-info'
  | 'fetching-index'
  /** The index is encrypted: hand a group key over. */
  | 'waits-for-key'
  /** The weeks are known. */
  | 'ready'
  /** See `error`; opening the link anew is the way on. */
  | 'failed'
  | 'closed'

export interface WeekState {
  readonly id: string
  /** Unix seconds, [from, to). */
  readonly from: number
  readonly to: number
  /** What has to be fetched to read it. */
  readonly sizeBytes: number
  /** How much of that is here. */
  readonly hereBytes: number
  readonly phase: 'closed' | 'opening' | 'open'
  /** Of an open week. */
  readonly messages: number | undefined
  readonly tally: Tally | undefined
  /** Names of group keys that are missing to read all of it. */
  readonly missingKeys: readonly string[]
  /** Archives that nothing can be made of. */
  readonly damagedArchives: number
}

/** What a page shows. Each state is a new object; what did not change may be the same one. */
export interface ReaderState {
  readonly phase: ReaderPhase
  readonly error: Error | undefined
  readonly communityId: string | undefined
  /** The community's, as the node says; may be empty. */
  readonly name: string
  readonly infoHash: string | undefined
  /** Who vouches for the torrent; `undefined` while that is not known. */
  readonly signature: Signature | undefined
  readonly dataBytes: number | undefined
  readonly indexBytes: number | undefined
  /** By time. */
  readonly weeks: readonly WeekState[]
  /** Entries of the index that cannot be used. */
  readonly rejectedEntries: number
  /** Names of group keys that the index waits for. */
  readonly missingKeys: readonly string[]
  readonly peers: number
  readonly bytes: ReaderBytes
  /** Altered pieces that were thrown away. */
  readonly refusedPieces: number
  /** What keeps what is read from being kept for the next visit. */
  readonly storageProblem: StorageError | StorageFullError | undefined
  readonly seeding: boolean
}

/** Over the wire, in this session. */
export interface ReaderBytes {
  readonly fromPeers: number
  readonly fromWebSeeds: number
  readonly toPeers: number
}
