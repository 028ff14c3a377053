import { isUnreachable } from '@annals/community'
import type { ArchiveProbe } from '@annals/proto/api/v1'
import type { AnnalsConfig } from '@annals/service'
import type { FetchProbe } from '@annals/storage'

/** `undefined` where nobody has looked yet, or nothing is looked for any more, by the row or the settings. */
export function toArchiveProbe(
  { fetchProbeSeconds }: Pick<AnnalsConfig, 'fetchProbeSeconds'>,
  probe: FetchProbe | undefined,
): ArchiveProbe | undefined {
  if (probe?.dueAt === undefined || fetchProbeSeconds === 0) return undefined
  const { infoHash, fetchedAt, failures, failedSince, failure, webSeed } = probe
  if (fetchedAt === undefined && failures === 0) return undefined
  return {
    infoHash,
    reachableAt: fetchedAt,
    unreachableSince: isUnreachable(probe) ? failedSince : undefined,
    failedLooks: failures,
    failure: failure ?? '',
    webSeed: webSeed && webSeed.failure === '',
    webSeedFailure: webSeed?.failure ?? '',
  }
}
