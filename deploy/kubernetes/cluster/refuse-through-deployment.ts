import { strict as assert } from 'node:assert'
import { workload } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import type { FollowedCluster } from './followed-cluster.ts'
import type { Resource } from './resource.ts'
import { condition } from './resource.ts'

const name = 'rooted'

/** A Deployment whose pods may not run is let in with a warning, and gets no pod. */
export async function refuseThroughDeployment(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  const { api, manifests, overlay, say } = deployed
  const { pod: _, ...gateway } = workload(manifests, 'gateway')
  const json = JSON.stringify({ ...gateway, metadata: { name } })
  const rooted = json
    .replace('"runAsNonRoot":true', '"runAsNonRoot":false')
    // Its pods are its own.
    .replaceAll('"app.kubernetes.io/name":"gateway"', `"app.kubernetes.io/name":"${name}"`)
  const { warnings } = await api.apply(JSON.parse(rooted) as Resource)
  assert.equal(warnings.length, 1)
  await cluster.deployments.until(`${name} gets no pods`, (items) => {
    const found = items.find((each) => each.metadata.name === name)
    const failure = found && condition(found, 'ReplicaFailure')
    return failure?.status === 'True' && failure.message?.includes('violates PodSecurity "restricted:latest"') === true
  })
  assert.deepEqual(
    cluster.pods.items.filter(({ metadata }) => metadata.name.startsWith(name)),
    [],
  )
  await api.delete(gateway, name)
  await cluster.deployments.until(`${name} is gone`, (items) => !items.some((each) => each.metadata.name === name))
  say(`${overlay}: a Deployment of pods that may be root is warned of, and gets none`)
}
