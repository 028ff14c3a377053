import type { DelegateSigningRequest, DelegateSigningResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

/** A caller that hears no answer asks again: the token of the last answer counts. */
export async function delegateSigning(
  { keys }: CallContext,
  { communityId }: DelegateSigningRequest,
): Promise<DelegateSigningResponse> {
  const token = await keys.communities.delegate(checkCommunityId(communityId))
  return { signerToken: Buffer.from(token.reveal()).toString('hex') }
}
