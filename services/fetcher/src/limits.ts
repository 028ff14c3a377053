import type { AnnalsConfig } from '@annals/service'
import type { FetchLimits } from '@annals/torrents'

/**
 * status-go waits 20 s for the metadata and for nothing else; here every step has its bound, and where a shorter one is
 * set, it counts for the metadata as well.
 */
export function fetchLimits(config: AnnalsConfig): FetchLimits {
  return {
    metadataSeconds: Math.min(20, config.fetchStallSeconds),
    stallSeconds: config.fetchStallSeconds,
    maxDataBytes: 2 ** 40,
    maxIndexBytes: 64 * 1024 * 1024,
  }
}
