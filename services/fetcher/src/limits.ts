import type { AnnalsConfig } from '@annals/service'
import type { FetchLimits } from '@annals/torrents'

/** An archive has at most 30,000,000 bytes of payloads and keys; what stands around tiny messages can add as much again. */
export const maxArchiveBytes = 128 * 1024 * 1024

/** status-go waits 20 s for the metadata and for nothing else; here every step has its bound. */
export function fetchLimits(config: AnnalsConfig): FetchLimits {
  return {
    metadataSeconds: 20,
    stallSeconds: config.fetchStallSeconds,
    maxDataBytes: 2 ** 40,
    maxIndexBytes: 64 * 1024 * 1024,
  }
}
