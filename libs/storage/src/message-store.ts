import type { WakuMessage } from '@annals/archive'

/**
 * The messages of communities. A message is known by its time and hash within its community and is never changed
 * (the Waku hash covers the time, so one hash has one time).
 * Whether it stands in an archive yet is kept with it, so that sealing takes every message once, late ones as well.
 */
export interface MessageStore extends AsyncDisposable {
  /**
   * Stores what is new; resolves once durable. A message that is known already is left as it is and counted; only
   * its state goes from `pending` to another one, where that is given. A failure may leave a part of a batch stored.
   * @throws InvalidMessageError if a time is no whole, positive number or a hash is empty; nothing is stored then
   */
  ingest(communityId: string, messages: readonly WakuMessage[], state: MessageState): Promise<IngestResult>

  /** Pending messages before a moment (Unix seconds) with one of the topics, by (timestamp, hash), in batches. */
  pending(communityId: string, query: PendingQuery): AsyncIterable<WakuMessage[]>

  /** Marks messages that an archive now holds, or that none can. Unknown ones are ignored. */
  settle(communityId: string, messages: readonly MessageKey[], state: Exclude<MessageState, 'pending'>): Promise<void>

  /** All messages in [from, to), by (timestamp, hash), in batches. */
  range(communityId: string, range: TimeRange): AsyncIterable<WakuMessage[]>

  /** Age of the oldest and of the newest message that is held, of all topics or of the given ones. Counts nothing. */
  span(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSpan>

  /** How many are pending, of all topics or of the given ones; takes time with these only, not with the history. */
  pendingCount(communityId: string, topics?: readonly Uint8Array[]): Promise<number>

  /**
   * Count and age of what is held, of all topics or of the given ones. For people who look: where it is not known it
   * is counted, which takes time with the history.
   */
  summary(communityId: string, topics?: readonly Uint8Array[]): Promise<MessageSummary>

  /** Forgets a community's messages. */
  deleteCommunity(communityId: string): Promise<void>
}

/** `pending`: in no archive yet. `archived`: in one. `too-large`: in none, as it is larger than an archive may be. */
export type MessageState = 'pending' | 'archived' | 'too-large'

export type MessageKey = Pick<WakuMessage, 'timestamp' | 'hash'>

export interface IngestResult {
  readonly stored: number
  readonly known: number
}

export interface PendingQuery {
  readonly before: number
  readonly topics: readonly Uint8Array[]
}

/** [from, to), Unix seconds; open where absent. */
export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

/** Both absent where nothing is held. */
export interface MessageSpan {
  /** Unix seconds. */
  readonly oldest?: number
  readonly newest?: number
}

export interface MessageSummary extends MessageSpan {
  readonly messages: number
  readonly pending: number
}
