import type { CommunityDocument } from '@annals/storage'

/** Whether this installation announces a community's archives to its members. */
export function isAnnounced(community: CommunityDocument | undefined): boolean {
  return community !== undefined && community.controlNode && community.joined && community.archivingOn
}
