import type { Community } from '@annals/community'
import type { CommunityDocument } from '@annals/storage'
import type { Comparison } from './comparison.ts'
import { comparisonOf, differingFields, wholeRow } from './comparison.ts'

const fields = [
  'name',
  'controlNode',
  'joined',
  'archivingOn',
  'chats',
  'public',
  'lastSequence',
  'communityId',
] as const

/** The whole row comes from the log. */
export function compareCommunity(log: Community, row: CommunityDocument | undefined): Comparison {
  if (row !== undefined) return comparisonOf(differingFields<Community>(fields, log, row))
  return log.lastSequence === 0 ? { kind: 'same' } : wholeRow(log, undefined)
}
