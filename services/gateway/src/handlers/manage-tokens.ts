import type {
  CreateTokenRequest,
  CreateTokenResponse,
  ListTokensResponse,
  RevokeTokenRequest,
  RevokeTokenResponse,
  TokenInfo,
} from '@annals/proto/api/v1'
import type { OwnerToken } from '@annals/storage'
import { systemClock } from '@annals/service'
import { ownerTokens } from '@annals/storage'
import { checkName, knownCommunity } from '../check-request.ts'
import { InvalidRequestError, TokenUnknownError } from '../gateway-errors.ts'
import { makeOwnerToken } from '../owner-token.ts'
import type { CallContext } from '../server/calls.ts'

const maxCommunities = 1_000

/** A caller that hears no answer leaves a token behind that nobody has: it is listed, and can be revoked. */
export async function createToken(context: CallContext, request: CreateTokenRequest): Promise<CreateTokenResponse> {
  const label = checkName(request.label, 'label')
  const communityIds = [...new Set(request.communityIds)]
  if (communityIds.length === 0 || communityIds.length > maxCommunities)
    throw new InvalidRequestError({ field: 'community_ids', description: `must be 1 to ${maxCommunities}` })
  for (const communityId of communityIds) await knownCommunity(context, communityId)
  const { tokenId, secret, hash } = makeOwnerToken()
  const token: OwnerToken = { label, communityIds, hash, createdAt: systemClock.nowSeconds() }
  await context.state.collection(ownerTokens).put(tokenId, token, 0)
  context.log.info({ tokenId, communityIds: communityIds.length }, 'a token was made for the owner of communities')
  return { token: toInfo(tokenId, token), secret }
}

export async function listTokens({ state }: CallContext): Promise<ListTokensResponse> {
  const tokens: TokenInfo[] = []
  for await (const { id, value } of state.collection(ownerTokens).list()) tokens.push(toInfo(id, value))
  return { tokens: tokens.sort((a, b) => a.createdAt - b.createdAt) }
}

/** @throws TokenUnknownError */
export async function revokeToken(
  { state, log }: CallContext,
  { tokenId }: RevokeTokenRequest,
): Promise<RevokeTokenResponse> {
  const rows = state.collection(ownerTokens)
  const row = /^[0-9a-f]{16}$/.test(tokenId) ? await rows.get(tokenId) : undefined
  if (row === undefined) throw new TokenUnknownError(tokenId)
  await rows.delete(tokenId, row.version)
  log.info({ tokenId }, 'a token was revoked')
  return {}
}

function toInfo(tokenId: string, { label, communityIds, createdAt }: OwnerToken): TokenInfo {
  return { tokenId, label, communityIds: [...communityIds], createdAt }
}
