import type { Chat } from '@annals/proto/events/v1'
import type { DomainEvent } from '../domain-event.ts'
import type { Community, CommunityEventName } from './community.ts'
import { AlreadyLeftError, CommunityExistsError, DuplicateChannelError, UnknownCommunityError } from './rule-errors.ts'

export type CommunityCommand =
  | {
      readonly type: 'AddCommunity'
      readonly controlNode: boolean
      readonly name: string
      readonly chats: readonly Chat[]
    }
  | { readonly type: 'ChangeChats'; readonly chats: readonly Chat[] }
  | { readonly type: 'TakeControl'; readonly lastArchivedEnd?: number | undefined; readonly magnetLink: string }
  | { readonly type: 'ReleaseControl'; readonly infoHash: string; readonly clockMilliseconds: number }
  | { readonly type: 'EnableArchiving' }
  | { readonly type: 'DisableArchiving' }
  | { readonly type: 'ChangeVisibility'; readonly public: boolean }
  | { readonly type: 'LeaveCommunity' }

type Decided = DomainEvent<CommunityEventName>[]

/**
 * What follows from a command; no event where everything is so already. A community is added with archiving off, and may
 * be added again after it was left.
 *
 * An event's id holds the community's `lastSequence`: two equal commands that race give one event, while the same
 * command after a later event gives another one.
 * @throws CommunityExistsError, UnknownCommunityError, AlreadyLeftError, DuplicateChannelError
 */
export function decideCommunity(community: Community, command: CommunityCommand): Decided {
  const idParts = [community.lastSequence]
  if (command.type === 'AddCommunity') {
    if (community.joined) throw new CommunityExistsError(community.communityId)
    const { controlNode, name } = command
    return [{ name: 'CommunityAdded', idParts, payload: { controlNode, name, chats: checkChats(community, command) } }]
  }
  if (community.lastSequence === 0) throw new UnknownCommunityError(community.communityId)
  if (!community.joined) throw new AlreadyLeftError(community.communityId)
  switch (command.type) {
    case 'ChangeChats': {
      const chats = checkChats(community, command)
      return sameChats(chats, community.chats) ? [] : [{ name: 'CommunityChatsChanged', idParts, payload: { chats } }]
    }
    case 'TakeControl': {
      const { lastArchivedEnd, magnetLink } = command
      return community.controlNode ? [] : [{ name: 'ControlTaken', idParts, payload: { lastArchivedEnd, magnetLink } }]
    }
    case 'ReleaseControl': {
      const { infoHash, clockMilliseconds } = command
      return community.controlNode
        ? [{ name: 'ControlReleased', idParts, payload: { infoHash, clockMilliseconds } }]
        : []
    }
    case 'EnableArchiving':
      return community.archivingOn ? [] : [{ name: 'ArchivingEnabled', idParts, payload: {} }]
    case 'DisableArchiving':
      return community.archivingOn ? [{ name: 'ArchivingDisabled', idParts, payload: {} }] : []
    case 'ChangeVisibility':
      if (community.public === command.public) return []
      return [{ name: 'CommunityVisibilityChanged', idParts, payload: { public: command.public } }]
    case 'LeaveCommunity':
      return [{ name: 'CommunityLeft', idParts, payload: {} }]
    default:
      return command satisfies never
  }
}

function checkChats(community: Community, { chats }: { readonly chats: readonly Chat[] }): Chat[] {
  const seen = new Set<string>()
  for (const { channelId } of chats) {
    if (seen.has(channelId)) throw new DuplicateChannelError(community.communityId, channelId)
    seen.add(channelId)
  }
  return chats.map(({ channelId, name }) => ({ channelId, name }))
}

/** In number, order, channels and names. */
export function sameChats(some: readonly Chat[], others: readonly Chat[]): boolean {
  if (some.length !== others.length) return false
  return some.every((chat, at) => chat.channelId === others[at]?.channelId && chat.name === others[at].name)
}
