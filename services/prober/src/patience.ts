import type { AnnalsConfig } from '@annals/service'
import type { Patience } from '@annals/torrents'

/** As patient as a fetcher of one's own, so that what is slow for members is not taken for gone. */
export function patienceOf({ fetchStallSeconds }: Pick<AnnalsConfig, 'fetchStallSeconds'>): Patience {
  return {
    // status-go's patience, and a second try.
    metadataSeconds: Math.min(20, fetchStallSeconds),
    pieceSeconds: fetchStallSeconds,
    wholeSeconds: 4 * fetchStallSeconds,
    webSeedSeconds: fetchStallSeconds,
  }
}

/** Longer than a look takes, with all its patience. */
export function leaseSecondsOf({ fetchStallSeconds }: Pick<AnnalsConfig, 'fetchStallSeconds'>): number {
  return 120 + 10 * fetchStallSeconds
}
