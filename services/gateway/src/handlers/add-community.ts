import type { AddCommunityRequest, AddCommunityResponse } from '@annals/proto/api/v1'
import { NoSigningKeyError } from '@annals/crypto'
import { checkChats, checkCommunityId, checkName, keepGivenKey } from '../check-request.ts'
import { InvalidRequestError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { publishGroupKey } from '../publish-group-key.ts'
import { toApiCommunity } from '../to-api.ts'

/**
 * Keeps the key before anybody can hear of the community; a crash in between leaves a key that nothing uses, and the
 * same request again goes on from there.
 */
export async function addCommunity(context: CallContext, request: AddCommunityRequest): Promise<AddCommunityResponse> {
  const name = checkName(request.name, 'name')
  const chats = checkChats(request.chats)
  const { communityId, controlNode } = await whichCommunity(context, request)
  if (request.encrypted === true) await encryptFromNowOn(context, communityId)
  const added = await context.registry.execute(
    communityId,
    { type: 'AddCommunity', controlNode, name, chats },
    'gateway',
  )
  return { community: toApiCommunity(added) }
}

/** A key that is here already is the community's, so that the same request again makes none. */
async function encryptFromNowOn(context: CallContext, communityId: string): Promise<void> {
  if (await context.keys.cipher.encrypts(communityId)) return
  const key = await context.keys.groups.create(communityId, context.clock.nowMilliseconds(), false)
  await publishGroupKey(context, key)
}

async function whichCommunity(
  context: CallContext,
  { controlNode, keptKey, member, encrypted }: AddCommunityRequest,
): Promise<{ communityId: string; controlNode: boolean }> {
  if (member !== undefined && encrypted === true)
    throw new InvalidRequestError({ field: 'encrypted', description: 'is for the control node to say' })
  if (member !== undefined)
    return { communityId: checkCommunityId(member.communityId, 'member.community_id'), controlNode: false }
  const { communities } = context.keys
  if (keptKey !== undefined) {
    const communityId = checkCommunityId(keptKey.communityId, 'kept_key.community_id')
    if ((await communities.holder(communityId)) === undefined) throw new NoSigningKeyError(communityId)
    return { communityId, controlNode: true }
  }
  if (controlNode === undefined)
    throw new InvalidRequestError({ field: 'role', description: 'must be control_node, kept_key or member' })
  if (controlNode.privateKey.length === 0) return { communityId: await communities.create(), controlNode: true }
  const { communityId } = await keepGivenKey(context, controlNode.privateKey, 'control_node.private_key')
  return { communityId, controlNode: true }
}
