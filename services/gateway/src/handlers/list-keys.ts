import type { KeyHolder as ApiKeyHolder, ListKeysResponse } from '@annals/proto/api/v1'
import type { KeyHolder } from '@annals/keys'
import { KeyHolder as ApiHolders } from '@annals/proto/api/v1'
import { signatureRequests } from '@annals/storage'
import type { CallContext } from '../server/calls.ts'

const holders = {
  node: ApiHolders.KEY_HOLDER_NODE,
  owner: ApiHolders.KEY_HOLDER_OWNER,
} as const satisfies Record<KeyHolder, ApiKeyHolder>

/** By community: first those whose own key or owner is known, then those of which there are keys of groups alone. */
export async function* listKeys({ keys, state }: CallContext): AsyncIterable<ListKeysResponse> {
  const groups = new Map<string, { count: number; masterKeyId: string }>()
  for await (const { communityId, masterKeyId } of keys.groups.list())
    groups.set(communityId, { count: (groups.get(communityId)?.count ?? 0) + 1, masterKeyId })
  const waiting = new Map<string, number>()
  for await (const { value } of state.collection(signatureRequests).list()) {
    const since = Math.min(waiting.get(value.communityId) ?? Infinity, value.askedAt)
    waiting.set(value.communityId, since)
  }
  for await (const { communityId, holder, masterKeyId = '' } of keys.communities.list()) {
    const groupKeys = groups.get(communityId)?.count ?? 0
    groups.delete(communityId)
    yield {
      communityId,
      holder: holders[holder],
      masterKeyId,
      groupKeys,
      waitingSince: holder === 'owner' ? waiting.get(communityId) : undefined,
    }
  }
  for (const [communityId, { count, masterKeyId }] of groups)
    yield {
      communityId,
      holder: ApiHolders.KEY_HOLDER_UNSPECIFIED,
      masterKeyId,
      groupKeys: count,
      waitingSince: undefined,
    }
}
