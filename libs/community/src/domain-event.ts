import type {
  ArchiveCreated,
  ArchiveDue,
  ArchiveRequested,
  ArchivingDisabled,
  ArchivingEnabled,
  CommunityAdded,
  CommunityChatsChanged,
  CommunityLeft,
  ControlReleased,
  ControlTaken,
  CommunityVisibilityChanged,
  HistorySynced,
  HistorySyncRequested,
  NoArchiveCreated,
} from '@annals/proto/events/v1'

/** The payloads of the events that the domain decides or takes in, by event name. */
export interface DomainPayloads {
  CommunityAdded: CommunityAdded
  CommunityChatsChanged: CommunityChatsChanged
  ControlTaken: ControlTaken
  ControlReleased: ControlReleased
  ArchivingEnabled: ArchivingEnabled
  ArchivingDisabled: ArchivingDisabled
  CommunityVisibilityChanged: CommunityVisibilityChanged
  CommunityLeft: CommunityLeft
  HistorySyncRequested: HistorySyncRequested
  HistorySynced: HistorySynced
  ArchiveRequested: ArchiveRequested
  ArchiveDue: ArchiveDue
  ArchiveCreated: ArchiveCreated
  NoArchiveCreated: NoArchiveCreated
}

export type DomainEventName = keyof DomainPayloads

/** An event that was decided and not published yet. Whoever publishes it knows the community. */
export type DomainEvent<N extends DomainEventName = DomainEventName> = {
  [K in N]: {
    readonly name: K
    /** What tells it from others of its name and community; its id is `<name>/<community id>/<these, joined by />`. */
    readonly idParts: readonly (string | number)[]
    readonly payload: DomainPayloads[K]
  }
}[N]

/** What the domain needs of an event in the log. */
export type LoggedEvent<N extends DomainEventName = DomainEventName> = {
  [K in N]: {
    readonly name: K
    readonly payload: DomainPayloads[K]
    /** Position in the log, 1 or more. */
    readonly sequence: number
  }
}[N]
