import type { Community, CommunityEvent } from './community.ts'

/** The community after an event of the log. An event at or before `lastSequence` was taken in already: no change. */
export function evolveCommunity(community: Community, event: CommunityEvent): Community {
  if (event.sequence <= community.lastSequence) return community
  return { ...community, ...changeBy(community, event), lastSequence: event.sequence }
}

function changeBy(community: Community, event: CommunityEvent): Partial<Community> {
  switch (event.name) {
    case 'CommunityAdded': {
      const { name, controlNode, chats } = event.payload
      return {
        name,
        controlNode,
        joined: true,
        archivingOn: false,
        public: false,
        chats: chats.map((chat) => ({ ...chat })),
      }
    }
    case 'CommunityChatsChanged':
      return { chats: event.payload.chats.map((chat) => ({ ...chat })) }
    case 'ControlTaken':
      // As with `ArchivingEnabled`.
      return community.joined ? { controlNode: true } : {}
    case 'ControlReleased':
      return { controlNode: false }
    case 'ArchivingEnabled':
      // Two commands may race, and the one that left may come first in the log.
      return { archivingOn: community.joined }
    case 'ArchivingDisabled':
      return { archivingOn: false }
    case 'CommunityVisibilityChanged':
      return { public: community.joined && event.payload.public }
    case 'CommunityLeft':
      return { joined: false, archivingOn: false, public: false }
    default:
      return event satisfies never
  }
}
