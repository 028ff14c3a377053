import { strict as assert } from 'node:assert'
import { isOurs, workloadsIn } from '../testing/manifest.ts'
import type { Manifest } from '../testing/manifest.ts'
import { wantedReplicas, withTag, workload } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'
import { LeastAvailable } from './least-available.ts'
import { appOf, condition } from './resource.ts'

/** A new version replaces the old one without a gap; one that does not come up leaves the old one at work, until that is applied again. */
export async function checkRollout(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  const { overlay, say } = deployed
  const newer = await rollOut(deployed, cluster)
  say(`${overlay}: a new version rolled out, with never fewer pods than there may be: ${newer}`)
  await noticeGap(deployed, cluster)
  say(`${overlay}: and the check notices a service that was away`)
  const atWork = await goBack(deployed, cluster)
  say(`${overlay}: a version that did not come up left at work, and gave way to the one before it: ${atWork}`)
}

async function rollOut(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<string> {
  const manifests = withTag(deployed.text, 'newer')
  using least = new LeastAvailable(cluster.pods)
  await applyWorkloads(deployed, cluster, manifests)
  await cluster.untilReached(manifests)
  return judge(least, manifests)
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

/** As far as a rollout goes whose pods find no node, and back. */
async function goBack(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<string> {
  const whole = withTag(deployed.text, 'newer')
  const broken = withTag(deployed.text, 'broken').map(forNoNode)
  using least = new LeastAvailable(cluster.pods)
  await applyWorkloads(deployed, cluster, broken)
  for (const { metadata } of ours(broken))
    await cluster.pods.until(`a new pod of ${metadata.name} waits`, (pods) =>
      pods.some((pod) => appOf(pod) === metadata.name && condition(pod, 'PodScheduled')?.reason === 'Unschedulable'),
    )
  const atWork = judge(least, broken)
  await applyWorkloads(deployed, cluster, whole)
  await cluster.untilReached(whole)
  judge(least, whole)
  return atWork
}

function forNoNode(manifest: Manifest): Manifest {
  const template = manifest.spec?.template
  if (template === undefined) return manifest
  const spec = { ...template.spec, nodeSelector: { 'kubernetes.io/hostname': 'none' } }
  return { ...manifest, spec: { ...manifest.spec, template: { ...template, spec } } }
}

/** All of a Deployment's pods have to be there all the time, and all but one of a StatefulSet's. */
function judge(least: LeastAvailable, manifests: readonly Manifest[]): string {
  const replicas = wantedReplicas(manifests)
  const lines = ours(manifests).map(({ kind, metadata: { name } }) => {
    const wanted = replicas.get(name) ?? 0
    const allowed = kind === 'StatefulSet' ? wanted - 1 : wanted
    assert.ok(least.of(name) >= allowed, `${name}: ${least.of(name)} of ${wanted} available, and ${allowed} are to be`)
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
