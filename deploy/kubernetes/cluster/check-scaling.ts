import { strict as assert } from 'node:assert'
import { scaledObjects, workload } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'

/** What KEDA scales is there, and stays as KEDA has it when the manifests are applied again. KEDA's part is played here. */
export async function checkScaling(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  const { api, manifests, overlay, say } = deployed
  const scaled = scaledObjects(manifests)
  if (scaled.size === 0) return
  for (const [name, replicas] of scaled) {
    const { pod: _, ...manifest } = workload(manifests, name)
    await api.scale(manifest, name, replicas)
    await cluster.untilReplicas(name, replicas)
    const { resource } = await api.apply(manifest)
    assert.equal((resource.spec as { readonly replicas: number }).replicas, replicas, name)
  }
  const names = [...scaled].map(([name, replicas]) => `${name} ${replicas}`)
  say(`${overlay}: applying again leaves the number of pods that KEDA would have set: ${names.join(', ')}`)
}
