import type { GaugeName } from './instruments.ts'
import type { Report } from './metrics.ts'

type CommunityGauge = Extract<GaugeName, 'weeksBehind' | 'seeders' | 'swarmPeers'>

/**
 * Tells a gauge of the communities that have most, or least, of it, a few of them: with thousands of communities each
 * having a series, whoever keeps the metrics would keep little else.
 */
export function reportWorst(
  report: Report,
  name: CommunityGauge,
  values: ReadonlyMap<string, number>,
  { worst, limit }: { readonly worst: 'most' | 'least'; readonly limit: number },
): void {
  const sign = worst === 'most' ? -1 : 1
  const sorted = [...values].toSorted(([idA, a], [idB, b]) => sign * (a - b) || (idA < idB ? -1 : 1))
  for (const [communityId, value] of sorted.slice(0, limit)) report(name, value, { 'annals.community.id': communityId })
}
