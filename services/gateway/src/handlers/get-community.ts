import type { GetCommunityRequest, GetCommunityResponse } from '@annals/proto/api/v1'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

export async function getCommunity(context: CallContext, request: GetCommunityRequest): Promise<GetCommunityResponse> {
  return { community: toApiCommunity(await knownCommunity(context, request.communityId)) }
}
