import { strict as assert } from 'node:assert'
import { workloadsIn } from '../testing/manifest.ts'
import { wantedReplicas } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'

/** Each pod that keeps something has a volume of its own. */
export async function checkVolumes(
  { manifests, overlay, say }: DeployedOverlay,
  cluster: FollowedCluster,
): Promise<void> {
  const replicas = wantedReplicas(manifests)
  const wanted = workloadsIn(manifests)
    .filter(({ spec }) => spec?.['volumeClaimTemplates'] !== undefined)
    .flatMap(({ metadata: { name } }) =>
      Array.from({ length: replicas.get(name) ?? 0 }, (_, index) => `data-${name}-${index}`),
    )
  await cluster.claims.until(`bound: ${wanted.join(', ')}`, (claims) =>
    wanted.every((name) => claims.find(({ metadata }) => metadata.name === name)?.status?.phase === 'Bound'),
  )
  const volumes = cluster.claims.items.map(({ spec }) => spec?.volumeName)
  assert.equal(volumes.length, wanted.length)
  assert.equal(new Set(volumes).size, wanted.length)
  say(`${overlay}: ${wanted.length} claims are bound, each to a volume of its own: ${wanted.join(', ')}`)
}
