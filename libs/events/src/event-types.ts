import type { MessageFns } from '@annals/proto/events/v1'
import {
  ArchiveCreated,
  ArchiveDecrypted,
  ArchiveDownloaded,
  ArchiveDue,
  ArchiveRequested,
  ArchivesDownloaded,
  ArchivesReachable,
  ArchivesUnreachable,
  ArchivingDisabled,
  ArchivingEnabled,
  ArchivingStarted,
  CommunityAdded,
  CommunityChatsChanged,
  CommunityLeft,
  ControlReleased,
  ControlTaken,
  CommunityVisibilityChanged,
  DownloadFinished,
  DownloadStarted,
  GroupKeyAdded,
  GroupKeyExhausted,
  HistorySynced,
  HistorySyncRequested,
  ImportStarted,
  MagnetLinkDispatched,
  MagnetLinkReceived,
  NoArchiveCreated,
  SeedingStarted,
  Unseeded,
} from '@annals/proto/events/v1'

/** Every event of Annals by its name, with the codec of its payload. The only place that lists them. */
export const eventCodecs = {
  CommunityAdded,
  CommunityChatsChanged,
  GroupKeyAdded,
  GroupKeyExhausted,
  ControlTaken,
  ControlReleased,
  ArchivingEnabled,
  ArchivingDisabled,
  CommunityVisibilityChanged,
  CommunityLeft,
  ArchiveRequested,
  HistorySyncRequested,
  HistorySynced,
  ArchiveDue,
  ArchivingStarted,
  ArchiveCreated,
  NoArchiveCreated,
  SeedingStarted,
  Unseeded,
  MagnetLinkDispatched,
  ArchivesReachable,
  ArchivesUnreachable,
  MagnetLinkReceived,
  DownloadStarted,
  ArchiveDownloaded,
  ImportStarted,
  ArchivesDownloaded,
  DownloadFinished,
  ArchiveDecrypted,
}

type Codecs = typeof eventCodecs

export type EventName = keyof Codecs

export type EventPayload<N extends EventName> = Codecs[N] extends MessageFns<infer T> ? T : never

/** All event names, in the order a community usually sees them. */
export const eventNames = Object.keys(eventCodecs) as EventName[]

export function isEventName(text: string): text is EventName {
  return Object.hasOwn(eventCodecs, text)
}

/** What an event says and about which community; the bus adds time, source and position. */
export type NewEvent<N extends EventName = EventName> = {
  [K in N]: {
    /**
     * Derived from what happened, so that publishing the same fact again is recognised as a duplicate:
     * `<EventName>/<community id>/<what makes it this one>`. See `eventId`.
     */
    readonly id: string
    readonly name: K
    readonly communityId: string
    readonly payload: EventPayload<K>
  }
}[N]

/** An event as it stands in the log. */
export type StoredEvent<N extends EventName = EventName> = {
  [K in N]: NewEvent<K> & {
    /** Position in the log; grows, and may have gaps. */
    readonly sequence: number
    /** When it was published, Unix milliseconds. */
    readonly timeMilliseconds: number
    /** The service that published it. */
    readonly source: string
    /** W3C trace context, where the publisher had one. */
    readonly traceparent?: string
  }
}[N]

/** The id of an event: its name, its community, and what tells it from others of the same name and community. */
export function eventId(name: EventName, communityId: string, ...rest: (string | number)[]): string {
  return [name, communityId, ...rest].join('/')
}
