import type { ChangeChatsRequest, ChangeChatsResponse } from '@annals/proto/api/v1'
import { isDeepStrictEqual } from 'node:util'
import { checkChats, checkCommunityId } from '../check-request.ts'
import { ConcurrentChangeError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

export async function changeChats(
  { registry }: CallContext,
  request: ChangeChatsRequest,
): Promise<ChangeChatsResponse> {
  const communityId = checkCommunityId(request.communityId)
  const chats = checkChats(request.chats)
  const changed = await registry.execute(communityId, { type: 'ChangeChats', chats }, 'gateway')
  // Of two commands decided on the same state, the log keeps the first.
  if (!isDeepStrictEqual(changed.chats, chats)) throw new ConcurrentChangeError(communityId)
  return { community: toApiCommunity(changed) }
}
