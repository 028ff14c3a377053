import type { Channel, FoundMessage } from '../chat/history.ts'
import type { ChatMessage } from '../chat/chat-message.ts'
import type { Export, ExportFormat } from '../export/export-week.ts'
import type { KeptPieces } from '../pieces/kept-pieces.ts'
import type { SwarmClient } from '../swarm/swarm-client.ts'
import type { SwarmEvent } from '../swarm/swarm-events.ts'
import type { ReaderState, WeekState } from './reader-state.ts'

/** What a reader needs of the browser; tests hand in others. */
export interface ReaderPorts {
  readonly fetch: typeof globalThis.fetch
  /** `undefined` where there is no WebRTC. The reader does not dispose of it. */
  readonly swarms: SwarmClient | undefined
  /** The reader does not dispose of it. */
  readonly pieces: KeptPieces
}

export interface OpenReaderOptions {
  /** A magnet link, or an address with a community's id in it. */
  readonly link: string
  readonly ports: ReaderPorts
  readonly limits?: Partial<ReaderLimits>
  /** The origin of a node that may have what a magnet link names, such as the one that the page comes from. */
  readonly node?: string
}

export interface ReaderLimits {
  /** Without a new piece, the info dictionary, or a node's answer, until a fetch gives up. 30 by default. */
  readonly stallSeconds: number
  /** How long peers may give nothing before a web seed is asked. 3 by default. */
  readonly peersFirstSeconds: number
  /** Messages in memory, from which on `fetchRest` keeps weeks without loading them. 500,000 by default. */
  readonly maxLoadedMessages: number
}

export interface WaitOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: FetchProgress) => void
}

export interface FetchProgress {
  readonly step: 'fetching' | 'reading'
  readonly hereBytes: number
  readonly wantedBytes: number
  /** Read so far. */
  readonly messages: number
}

export interface MessagesOptions {
  readonly channelId?: string
  /** How many to pass over, 0 by default. */
  readonly offset?: number
  /** All by default. */
  readonly limit?: number
}

/** Where a date is found. */
export interface DatePlace {
  readonly weekId: string
  /** The first message at or after the date; `undefined` where there is none later in the week. */
  readonly messageId: string | undefined
  /** Its place among the week's messages, or among the channel's. */
  readonly position: number
}

/** A community's history as it is read in a browser. Nothing is fetched that was not asked for, beside the index. */
export interface Reader extends AsyncDisposable {
  readonly state: ReaderState
  /** Hears, a moment later, that there is a new state. @returns what ends it */
  subscribe(listener: () => void): () => void
  /** Hears of every single thing that happens on the wire. */
  onEvent(listener: (event: SwarmEvent) => void): () => void

  /**
   * Resolves when the weeks are known, or the index waits for a key.
   * @throws PublicLinkError, AnnouncementRefusedError, TorrentRefusedError, IndexRefusedError, FetchStalledError,
   * NoSourceError, ReaderClosedError
   */
  readonly opened: Promise<void>

  /**
   * Takes group keys in (see `parseGroupKeys`), goes on with an index that waited for one, and reads open weeks anew. They
   * stay in memory, and in the browser's storage if `keep` says so; they are sent nowhere.
   * @returns how many were new
   * @throws GroupKeyTextError, StorageFullError, StorageError, and as `opened`
   */
  addKeys(text: string, options?: { readonly keep?: boolean }): Promise<number>

  /**
   * Fetches what is missing of a week, and reads it. Nothing happens where it is open.
   * @throws UnknownWeekError, FetchStalledError, NoSourceError, ReaderClosedError, the signal's reason
   */
  openWeek(weekId: string, options?: WaitOptions): Promise<WeekState>

  /** Lets go of a week's messages; its bytes stay. */
  closeWeek(weekId: string): void

  /** By time, edits and deletions applied. @throws UnknownWeekError */
  messages(weekId: string, options?: MessagesOptions): ChatMessage[]

  /** Of open weeks, or of one. */
  channels(weekId?: string): Channel[]

  /** A message of an open week, such as one that is answered. */
  find(messageId: string): FoundMessage | undefined

  /** In open weeks, whatever the case: the newest first, 500 at most unless told. */
  search(text: string, options?: { readonly limit?: number; readonly signal?: AbortSignal }): Promise<FoundMessage[]>

  /**
   * Opens the week of a date, or the next one that there is, or else the last.
   * @returns `undefined` where there is no week at all
   * @throws as `openWeek`
   */
  jumpTo(
    dateMilliseconds: number,
    options?: WaitOptions & { readonly channelId?: string },
  ): Promise<DatePlace | undefined>

  /**
   * Fetches and opens every week, the newest first; weeks beyond what memory allows are fetched alone.
   * @returns how many weeks are open now, and how many are here only
   * @throws as `openWeek`
   */
  fetchRest(options?: WaitOptions): Promise<{ readonly openWeeks: number; readonly keptWeeks: number }>

  /** Whether peers are served while the page is open; they are at first. */
  seed(on: boolean): void

  /** An open week as a file. @throws UnknownWeekError, the signal's reason */
  exportWeek(weekId: string, format: ExportFormat, options?: { readonly signal?: AbortSignal }): Promise<Export>

  /** Deletes all that is kept of the community, and closes the reader. @throws StorageError */
  forget(): Promise<void>
}
