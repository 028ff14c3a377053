import { barePods } from './bare-pods.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'
import { pods as podKind } from './kubernetes-api.ts'
import { nodeNames } from './make-nodes.ts'
import { condition } from './resource.ts'
import type { Resource } from './resource.ts'

const name = 'probe'

/** From now on no node takes new pods; those that are on them stay. */
export async function closeNodes(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  await markNodes(deployed, true)
  // The scheduler learns of it a moment later: it knows once it has no node for a pod.
  while (await findsNode(deployed, cluster));
}

/** Nodes take pods again. */
export function openNodes(deployed: DeployedOverlay): Promise<void> {
  return markNodes(deployed, false)
}

async function markNodes({ api }: DeployedOverlay, unschedulable: boolean): Promise<void> {
  for (const node of nodeNames) await api.merge({ apiVersion: 'v1', kind: 'Node' }, node, { spec: { unschedulable } })
}

/** Whether a pod of nobody's finds a node. */
async function findsNode({ api, manifests }: DeployedOverlay, { pods }: FollowedCluster): Promise<boolean> {
  await api.create({ ...(barePods(manifests)[0] as Resource), metadata: { name } })
  let hasNode = false
  await pods.until('the scheduler has looked for a node', () => {
    const probe = pods.get(name)
    hasNode = probe?.spec?.nodeName !== undefined
    return probe !== undefined && condition(probe, 'PodScheduled') !== undefined
  })
  await api.delete(podKind, name)
  await pods.until('the probe is gone', () => pods.get(name) === undefined)
  return hasNode
}
