import { strict as assert } from 'node:assert'
import { isOurs, workloadsIn } from '../testing/manifest.ts'
import type { Manifest } from '../testing/manifest.ts'
import { wantedReplicas, withTag, workload } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'
import { LeastAvailable } from './least-available.ts'
import { letPodsIn } from './make-nodes.ts'
import { appOf, condition } from './resource.ts'

/** A new version replaces the old one without a gap; one that does not come up leaves the old one at work. */
export async function checkRollout(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  const { overlay, say } = deployed
  const newer = await rollOut(deployed, cluster)
  say(`${overlay}: a new version rolled out, with never fewer pods than there may be: ${newer}`)
  await noticeGap(deployed, cluster)
  say(`${overlay}: and the check notices a service that was away`)
  const halted = await halt(deployed, cluster)
  say(`${overlay}: a version that did not come up left at work: ${halted}`)
}

async function rollOut(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<string> {
  const manifests = withTag(deployed.text, 'newer')
  using least = new LeastAvailable(cluster.pods)
  await applyWorkloads(deployed, cluster, manifests)
  await cluster.untilReached(manifests)
  return judge(least, manifests, 'available')
}

/** That what is above can fail: a service that is stopped before it is started is seen to be away. */
async function noticeGap({ api, text }: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  const gateway = workload(withTag(text, 'other'), 'gateway')
  const [replicas, { pod: _, ...manifest }] = [gateway.spec?.replicas ?? 1, gateway]
  using least = new LeastAvailable(cluster.pods)
  const spec = { ...manifest.spec, strategy: { type: 'Recreate', rollingUpdate: null } }
  const { resource } = await api.apply({ ...manifest, spec })
  await cluster.untilSeen(resource)
  await cluster.untilReplicas('gateway', replicas)
  assert.equal(least.of('gateway'), 0)
}

/** As far as a rollout goes whose pods do not start, and on once they do. */
async function halt(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<string> {
  const { api, text } = deployed
  const manifests = withTag(text, 'newest')
  using least = new LeastAvailable(cluster.pods)
  await letPodsIn(api, false)
  await applyWorkloads(deployed, cluster, manifests)
  for (const { metadata } of ours(manifests))
    await cluster.pods.until(`a new pod of ${metadata.name} waits`, (pods) =>
      pods.some((pod) => appOf(pod) === metadata.name && condition(pod, 'PodScheduled')?.reason === 'Unschedulable'),
    )
  const atWork = judge(least, manifests, 'at work')
  await letPodsIn(api, true)
  await cluster.untilReached(manifests)
  judge(least, manifests, 'at work')
  return atWork
}

/** All of a Deployment's pods have to be there all the time, and all but one of a StatefulSet's. */
function judge(least: LeastAvailable, manifests: readonly Manifest[], word: string): string {
  const replicas = wantedReplicas(manifests)
  const lines = ours(manifests).map(({ kind, metadata: { name } }) => {
    const wanted = replicas.get(name) ?? 0
    const allowed = kind === 'StatefulSet' ? wanted - 1 : wanted
    assert.ok(least.of(name) >= allowed, `${name}: ${least.of(name)} of ${wanted} ${word}, and ${allowed} are to be`)
    return `${name} ${least.of(name)} of ${wanted}`
  })
  return lines.join(', ')
}

async function applyWorkloads(
  { api }: DeployedOverlay,
  cluster: FollowedCluster,
  manifests: readonly Manifest[],
): Promise<void> {
  for (const { pod: _, ...manifest } of ours(manifests)) await cluster.untilSeen((await api.apply(manifest)).resource)
}

function ours(manifests: readonly Manifest[]): ReturnType<typeof workloadsIn> {
  return workloadsIn(manifests).filter(({ pod }) => pod.containers.every(isOurs))
}
