import type { Community, CommunityEvent, Schedule, ScheduleEvent } from '@annals/community'
import type { EventName, StoredEvent } from '@annals/events'
import {
  communityEventNames,
  evolveCommunity,
  evolveSchedule,
  initialCommunity,
  initialSchedule,
  scheduleEventNames,
} from '@annals/community'
import type { CatalogueProjection } from './catalogues.ts'
import { catalogueWeight, evolveCatalogue, initialCatalogueProjection } from './catalogues.ts'
import type { DispatchProjection } from './dispatches.ts'
import { evolveDispatch } from './dispatches.ts'
import type { DownloadProjection } from './downloads.ts'
import { evolveDownload, initialDownloadProjection } from './downloads.ts'
import type { SeedingProjection } from './seedings.ts'
import { evolveSeeding, initialSeedingProjection } from './seedings.ts'

/** Everything that the log says of a community. */
export interface RebuiltCommunity {
  /** How many events it is rebuilt from. */
  readonly events: number
  readonly community: Community
  readonly schedule: Schedule
  /** The events at the two's `lastSequence`. */
  readonly lastEventIds: { readonly community?: string; readonly schedule?: string }
  readonly catalogue: CatalogueProjection
  readonly seeding: SeedingProjection
  readonly dispatch: DispatchProjection | undefined
  readonly download: DownloadProjection
}

/** Up to which position of the log events are taken in, for the rows that say themselves how far they are. */
export interface Until {
  readonly community: number
  readonly schedule: number
}

export const untilTheEnd: Until = { community: Infinity, schedule: Infinity }

export function initialRebuilt(communityId: string): RebuiltCommunity {
  return {
    events: 0,
    community: initialCommunity(communityId),
    schedule: initialSchedule,
    lastEventIds: {},
    catalogue: initialCatalogueProjection,
    seeding: initialSeedingProjection,
    dispatch: undefined,
    download: initialDownloadProjection,
  }
}

/** The community after the next event about it. Each event is to be given once, in the log's order. */
export function evolveRebuilt(
  rebuilt: RebuiltCommunity,
  event: StoredEvent,
  until: Until = untilTheEnd,
): RebuiltCommunity {
  const { community, schedule } = rebuilt
  const ofCommunity = isNamed(event, communityEventNames) && event.sequence <= until.community
  const ofSchedule = isNamed(event, scheduleEventNames) && event.sequence <= until.schedule
  return {
    events: rebuilt.events + 1,
    community: ofCommunity ? evolveCommunity(community, event as CommunityEvent) : community,
    schedule: ofSchedule ? evolveSchedule(schedule, event as ScheduleEvent) : schedule,
    lastEventIds: {
      ...rebuilt.lastEventIds,
      ...(ofCommunity && { community: event.id }),
      ...(ofSchedule && { schedule: event.id }),
    },
    catalogue: evolveCatalogue(rebuilt.catalogue, event),
    seeding: evolveSeeding(rebuilt.seeding, event),
    dispatch: evolveDispatch(rebuilt.dispatch, event),
    download: evolveDownload(rebuilt.download, event),
  }
}

function isNamed(event: StoredEvent, names: readonly EventName[]): boolean {
  return names.includes(event.name)
}

/** What a community without archives takes of the memory that `weightOf` counts, in archives. */
const communityWeight = 12

/** How much memory it takes, in archives described: some 400 bytes each. */
export function weightOf({ catalogue, community }: RebuiltCommunity): number {
  return communityWeight + community.chats.length + catalogueWeight(catalogue)
}
