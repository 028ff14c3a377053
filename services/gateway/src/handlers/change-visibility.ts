import type { ChangeVisibilityRequest, ChangeVisibilityResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import { ConcurrentChangeError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

export async function changeVisibility(
  { registry }: CallContext,
  request: ChangeVisibilityRequest,
): Promise<ChangeVisibilityResponse> {
  const communityId = checkCommunityId(request.communityId)
  const changed = await registry.execute(communityId, { type: 'ChangeVisibility', public: request.public }, 'gateway')
  // Of two commands decided on the same state, the log keeps the first.
  if (changed.public !== request.public) throw new ConcurrentChangeError(communityId)
  return { community: toApiCommunity(changed) }
}
