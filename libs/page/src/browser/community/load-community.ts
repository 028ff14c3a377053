import type { Client } from '../api/client.ts'
import type { CommunityView } from './community-view.ts'

/** Everything that a community's page shows. @throws what `Client.ask` throws */
export async function loadCommunity(client: Client, communityId: string, signal: AbortSignal): Promise<CommunityView> {
  return (await client.ask(`/communities/${communityId}`, { signal })) as CommunityView
}
