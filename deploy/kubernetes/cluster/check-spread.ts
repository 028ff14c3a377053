import { strict as assert } from 'node:assert'
import { wantedReplicas } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'
import { zoneOf } from './make-nodes.ts'
import { appOf } from './resource.ts'

/** Pods of a service are on several nodes, in several zones; seeders never two on one node. */
export function checkSpread({ manifests, overlay, say }: DeployedOverlay, { pods }: FollowedCluster): void {
  const several = [...wantedReplicas(manifests)].filter(([, replicas]) => replicas > 1)
  const spread = several.map(([name, replicas]) => {
    const nodes = pods.items.filter((pod) => appOf(pod) === name).map(({ spec }) => spec?.nodeName ?? '')
    const zones = new Set(nodes.map(zoneOf))
    assert.equal(nodes.length, replicas, name)
    assert.equal(new Set(nodes).size, replicas, `${name} on ${nodes.join(', ')}`)
    assert.ok(zones.size > 1, `${name} on ${nodes.join(', ')}`)
    return `${name} on ${nodes.toSorted().join(', ')}`
  })
  if (spread.length > 0) say(`${overlay}: pods are spread over nodes and zones: ${spread.join('; ')}`)
}
