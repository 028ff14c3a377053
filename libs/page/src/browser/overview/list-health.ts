import type { Client } from '../api/client.ts'
import type { CommunityHealth } from './health.ts'

/** Every community's health, page by page. @throws what `Client.ask` throws */
export async function listHealth(
  client: Client,
  signal: AbortSignal,
): Promise<{ readonly now: number; readonly communities: readonly CommunityHealth[] }> {
  return (await client.ask('/health', { signal })) as { now: number; communities: CommunityHealth[] }
}
