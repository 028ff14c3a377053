import type { CommunityDocument } from '@annals/storage'

/** Whether this installation wants a community's archives from others. */
export function isFollowed(community: CommunityDocument | undefined): boolean {
  return community !== undefined && community.joined && community.archivingOn && !community.controlNode
}
