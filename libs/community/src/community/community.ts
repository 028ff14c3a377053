import type { Chat } from '@annals/proto/events/v1'
import type { LoggedEvent } from '../domain-event.ts'

/** What an installation knows of a community. */
export interface Community {
  readonly communityId: string
  readonly name: string
  /** True where this installation holds the community's private key, and so archives and announces it. */
  readonly controlNode: boolean
  readonly joined: boolean
  readonly archivingOn: boolean
  readonly chats: Chat[]
  /** Position of the last event taken in; 0 for a community that was never added. */
  readonly lastSequence: number
}

/** The events that a community is folded from. */
export const communityEventNames = [
  'CommunityAdded',
  'CommunityChatsChanged',
  'ArchivingEnabled',
  'ArchivingDisabled',
  'CommunityLeft',
] as const

/**
 * Which form of `Community` the code makes of the log: one more whenever it takes in other events, or more of one. A state
 * of another form, made by an older or a newer version, is not gone on with but made anew.
 */
export const communityForm = 1

export type CommunityEventName = (typeof communityEventNames)[number]

export type CommunityEvent = LoggedEvent<CommunityEventName>

/** A community of which nothing is known. */
export function initialCommunity(communityId: string): Community {
  return {
    communityId,
    name: '',
    controlNode: false,
    joined: false,
    archivingOn: false,
    chats: [],
    lastSequence: 0,
  }
}
