import type { Community, ListCommunitiesResponse } from '@annals/proto/api/v1'
import type { CallContext } from '../server/calls.ts'
import { toApiCommunity } from '../to-api.ts'

export async function listCommunities(context: CallContext): Promise<ListCommunitiesResponse> {
  const communities: Community[] = []
  for await (const document of context.registry.list()) communities.push(toApiCommunity(document))
  return { communities }
}
