import type {
  DisableArchivingRequest,
  DisableArchivingResponse,
  EnableArchivingRequest,
  EnableArchivingResponse,
} from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

export async function enableArchiving(
  { registry }: CallContext,
  request: EnableArchivingRequest,
): Promise<EnableArchivingResponse> {
  const communityId = checkCommunityId(request.communityId)
  return { community: toApiCommunity(await registry.execute(communityId, { type: 'EnableArchiving' }, 'gateway')) }
}

export async function disableArchiving(
  { registry }: CallContext,
  request: DisableArchivingRequest,
): Promise<DisableArchivingResponse> {
  const communityId = checkCommunityId(request.communityId)
  return { community: toApiCommunity(await registry.execute(communityId, { type: 'DisableArchiving' }, 'gateway')) }
}
