import type { TakeControlRequest, TakeControlResponse } from '@annals/proto/api/v1'
import { AlreadyLeftError } from '@annals/community'
import { NoSigningKeyError } from '@annals/crypto'
import { prepareControl } from '@annals/service'
import { knownCommunity } from '../check-request.ts'
import { ConcurrentChangeError, InvalidRequestError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

/** @throws UnknownCommunityError, AlreadyLeftError, NoSigningKeyError, ControlRefusedError, ConcurrentChangeError */
export async function takeControl(
  context: CallContext,
  { communityId, handover, restored }: TakeControlRequest,
): Promise<TakeControlResponse> {
  const community = await knownCommunity(context, communityId)
  if (!community.joined) throw new AlreadyLeftError(communityId)
  if (handover !== undefined && handover.communityId !== communityId)
    throw new InvalidRequestError({ field: 'handover', description: 'must be of the same community' })
  if (community.controlNode) return { community: toApiCommunity(community) }
  if ((await context.keys.communities.holder(communityId)) === undefined) throw new NoSigningKeyError(communityId)
  const prepared = await prepareControl(context, communityId, { moved: handover, restored })
  const taken = await context.registry.execute(communityId, { type: 'TakeControl', ...prepared }, 'gateway')
  if (!taken.controlNode) throw new ConcurrentChangeError(communityId)
  return { community: toApiCommunity(taken) }
}
