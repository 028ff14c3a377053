import type { ReleaseControlRequest, ReleaseControlResponse } from '@annals/proto/api/v1'
import type { CommunityDocument } from '@annals/storage'
import { afterRelease, beforeRelease } from '@annals/service'
import { knownCommunity } from '../check-request.ts'
import { ConcurrentChangeError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

export async function releaseControl(
  context: CallContext,
  request: ReleaseControlRequest,
): Promise<ReleaseControlResponse> {
  return { community: toApiCommunity(await release(context, request.communityId)) }
}

/**
 * Makes a member of the control node. When it answers, nothing is sealed here any more. Done again, it ends what was cut off.
 * @throws InvalidRequestError, UnknownCommunityError, ConcurrentChangeError
 */
export async function release(context: CallContext, communityId: string): Promise<CommunityDocument> {
  let community = await knownCommunity(context, communityId)
  if (community.controlNode) {
    const announced = await beforeRelease(context.state, communityId)
    community = await context.registry.execute(communityId, { type: 'ReleaseControl', ...announced }, 'gateway')
    if (community.controlNode) throw new ConcurrentChangeError(communityId)
  }
  await afterRelease(context.state, communityId)
  return community
}
