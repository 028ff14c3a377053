import type { Community } from './community.ts'
import type { CommunityCommand } from './decide-community.ts'
import { sameChats } from './decide-community.ts'

/**
 * The next command on the way from one state of a community to another: each changes something, and after the last of them
 * there is none. A community that was left and one that was never added are the same here.
 */
export function nextCommand(now: Community, wanted: Community): CommunityCommand | undefined {
  if (!now.joined) return wanted.joined ? addition(wanted) : undefined
  if (!wanted.joined || now.name !== wanted.name) return { type: 'LeaveCommunity' }
  if (now.controlNode !== wanted.controlNode)
    // What was sealed and announced by then, catalogue and announcements know: only who has control is brought back.
    return wanted.controlNode
      ? { type: 'TakeControl', magnetLink: '' }
      : { type: 'ReleaseControl', infoHash: '', clockMilliseconds: 0 }
  if (!sameChats(now.chats, wanted.chats)) return { type: 'ChangeChats', chats: wanted.chats }
  if (now.public !== wanted.public) return { type: 'ChangeVisibility', public: wanted.public }
  if (now.archivingOn === wanted.archivingOn) return undefined
  return { type: wanted.archivingOn ? 'EnableArchiving' : 'DisableArchiving' }
}

function addition({ controlNode, name, chats }: Community): CommunityCommand {
  return { type: 'AddCommunity', controlNode, name, chats }
}
