import type { CommunityHealth, CommunityStatus } from '@annals/proto/api/v1'
import { GetArchiveWayResponse, GetHealthResponse, GetStatusResponse, ListArchivesResponse } from '@annals/proto/api/v1'
import type { Client } from '../api/client.ts'
import type { WayStep } from './archive-way.tsx'
import type { SealedWeek } from './weeks.ts'

/** One community as its page shows it. */
export interface CommunityView {
  /** The node's clock, Unix seconds. */
  readonly now: number
  /** The machine's, which says when an event was: Unix seconds as well. */
  readonly asOf: number
  readonly health: CommunityHealth
  readonly status: CommunityStatus
  readonly archives: readonly SealedWeek[]
  readonly way: readonly WayStep[]
}

/** Everything that a community's page shows. @throws what `Client.ask` throws */
export async function loadCommunity(
  client: Client,
  communityId: string,
  signal: AbortSignal,
): Promise<CommunityView | undefined> {
  const path = `/communities/${encodeURIComponent(communityId)}`
  const [health, status, archives, way] = await Promise.all(
    ['health', 'status', 'archives', 'archive-way'].map((part) => client.ask(`${path}/${part}`, { signal })),
  )
  const { health: found, now, asOf } = GetHealthResponse.fromJSON(health)
  const [own] = GetStatusResponse.fromJSON(status).communities
  if (found === undefined || own === undefined) return undefined
  return {
    now,
    asOf,
    health: found,
    status: own,
    archives: ListArchivesResponse.fromJSON(archives).archives.map(
      ({ from, to, messages, sizeBytes, waitsForKey }) => ({
        from,
        to,
        messages,
        bytes: sizeBytes,
        isWaiting: waitsForKey !== '',
      }),
    ),
    way: GetArchiveWayResponse.fromJSON(way).steps.map(({ eventName, timeMilliseconds }) => ({
      name: eventName,
      at: timeMilliseconds === undefined ? undefined : Math.floor(timeMilliseconds / 1000),
    })),
  }
}
