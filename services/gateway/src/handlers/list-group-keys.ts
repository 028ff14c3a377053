import type { ListGroupKeysRequest, ListGroupKeysResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiGroupKey } from '../to-api.ts'

export async function* listGroupKeys(
  { keys }: CallContext,
  { communityId }: ListGroupKeysRequest,
): AsyncIterable<ListGroupKeysResponse> {
  const of = communityId === '' ? undefined : checkCommunityId(communityId)
  for await (const key of keys.groups.list(of)) yield { key: toApiGroupKey(key) }
}
