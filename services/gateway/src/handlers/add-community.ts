import type { AddCommunityRequest, AddCommunityResponse } from '@annals/proto/api/v1'
import { randomBytes } from 'node:crypto'
import {
  InvalidPrivateKeyError,
  communityIdOfPrivateKey,
  privateKeyFromRandom,
  privateKeySeedBytes,
  toHex,
} from '@annals/crypto'
import { VersionConflictError, communityKeys } from '@annals/storage'
import { checkChats, checkCommunityId, checkName } from '../check-request.ts'
import { InvalidRequestError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

/**
 * Keeps the key before anybody can hear of the community; a crash in between leaves a key that nothing uses, and the
 * same request again goes on from there.
 */
export async function addCommunity(context: CallContext, request: AddCommunityRequest): Promise<AddCommunityResponse> {
  const name = checkName(request.name, 'name')
  const chats = checkChats(request.chats)
  const { communityId, privateKey } = whichCommunity(request)
  if (privateKey !== undefined) await keepKey(context, communityId, privateKey)
  const controlNode = privateKey !== undefined
  const added = await context.registry.execute(
    communityId,
    { type: 'AddCommunity', controlNode, name, chats },
    'gateway',
  )
  return { community: toApiCommunity(added) }
}

function whichCommunity(request: AddCommunityRequest): { communityId: string; privateKey?: Uint8Array } {
  const { controlNode, member } = request
  if (member !== undefined) return { communityId: checkCommunityId(member.communityId, 'member.community_id') }
  if (controlNode === undefined)
    throw new InvalidRequestError({ field: 'role', description: 'must be control_node or member' })
  const given = Uint8Array.from(controlNode.privateKey)
  const privateKey = given.length === 0 ? privateKeyFromRandom(randomBytes(privateKeySeedBytes)) : given
  try {
    return { communityId: communityIdOfPrivateKey(privateKey), privateKey }
  } catch (error) {
    if (!(error instanceof InvalidPrivateKeyError)) throw error
    throw new InvalidRequestError({
      field: 'control_node.private_key',
      description: 'must be a secp256k1 key of 32 bytes',
    })
  }
}

async function keepKey(context: CallContext, communityId: string, privateKey: Uint8Array): Promise<void> {
  try {
    await context.state.collection(communityKeys).put(communityId, { privateKey: toHex(privateKey) }, 0)
  } catch (error) {
    // It is here already: a community's id says which key it is.
    if (!(error instanceof VersionConflictError)) throw error
  }
}
