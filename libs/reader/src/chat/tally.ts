/** Why a message of an archive cannot be read. */
export type UnreadableReason =
  /** No message that the archive format allows. */
  | 'format'
  /** No protobuf of Status, or of a shape that it does not have. */
  | 'malformed'
  | 'too-large'
  /** Encrypted under a group key that is not here; see `missingKeys`. */
  | 'key-missing'
  /** Encrypted, and the key that it names does not open it. */
  | 'undecryptable'
  /** The sender's key is none. */
  | 'sender'
  /** A time that no calendar has. */
  | 'time'
  /** For a chat that is none of the community's. */
  | 'foreign-chat'
  /** Says that it was imported, and is not from the community. */
  | 'false-import'
  /** Part of a message that came in several, and none that fits the others. */
  | 'segment'

/** What became of every message of an archive: the numbers add up to all of them. */
export interface Tally {
  /** Messages of the archives, readable or not. */
  readonly total: number
  readonly chat: number
  readonly edits: number
  readonly deletions: number
  /** The same message once more. */
  readonly repeated: number
  /** Parts of messages that came in several. Of one that is complete the last part counts as the message. */
  readonly segments: number
  /** No chat: by the number of `ApplicationMetadataMessage.Type`, such as 22 for reactions. */
  readonly otherTypes: ReadonlyMap<number, number>
  readonly unreadable: ReadonlyMap<UnreadableReason, number>
  /** Chat messages, counted above too, with a time that is not in the archive's range. */
  readonly outsideRange: number
}

/** A tally in the making. */
export class RunningTally implements Tally {
  total = 0
  chat = 0
  edits = 0
  deletions = 0
  repeated = 0
  segments = 0
  outsideRange = 0
  readonly otherTypes = new Map<number, number>()
  readonly unreadable = new Map<UnreadableReason, number>()

  countOther(type: number): void {
    this.otherTypes.set(type, (this.otherTypes.get(type) ?? 0) + 1)
  }

  countUnreadable(reason: UnreadableReason, count = 1): void {
    this.unreadable.set(reason, (this.unreadable.get(reason) ?? 0) + count)
  }
}
