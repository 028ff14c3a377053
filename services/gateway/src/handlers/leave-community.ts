import type { LeaveCommunityRequest, LeaveCommunityResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

/** Messages, archives and the key stay; who wants them gone deletes the data folder. */
export async function leaveCommunity(
  { registry }: CallContext,
  request: LeaveCommunityRequest,
): Promise<LeaveCommunityResponse> {
  const communityId = checkCommunityId(request.communityId)
  return { community: toApiCommunity(await registry.execute(communityId, { type: 'LeaveCommunity' }, 'gateway')) }
}
