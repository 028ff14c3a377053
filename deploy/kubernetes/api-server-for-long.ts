// Every overlay, under a public address, on a real control plane of Kubernetes, with nodes and volumes that nothing stands behind, by hand:
// node deploy/kubernetes/api-server-for-long.ts [--nack-definitions FILE]
// Ends with exit code 1 at the first rule that is broken.
import { strict as assert } from 'node:assert'
import { parseArgs } from 'node:util'
import { openKubernetesTools, startKubernetes } from '@annals/local-servers'
import { admitPods, applyOverlay } from './cluster/apply-overlay.ts'
import { checkDisruption } from './cluster/check-disruption.ts'
import { checkPublicAddress } from './cluster/check-public-address.ts'
import { checkRollout } from './cluster/check-rollout.ts'
import { checkScaling } from './cluster/check-scaling.ts'
import { checkServices } from './cluster/check-services.ts'
import { checkSpread } from './cluster/check-spread.ts'
import { checkVolumes } from './cluster/check-volumes.ts'
import type { DeployedOverlay } from './cluster/deployed-overlay.ts'
import { FollowedCluster } from './cluster/followed-cluster.ts'
import { Followed } from './cluster/followed.ts'
import { installDefinitions } from './cluster/install-definitions.ts'
import { KubernetesApi } from './cluster/kubernetes-api.ts'
import { makeNodes, nodeNames } from './cluster/make-nodes.ts'
import { noticeWhatIsLetIn, refuseBroken, refuseUnknownKinds } from './cluster/refuse-broken.ts'
import { refuseThroughDeployment } from './cluster/refuse-through-deployment.ts'
import { manifestsIn, overlays } from './testing/overlays.ts'
import { buildPublicOverlay } from './testing/public-overlay.ts'

const { values } = parseArgs({ options: { 'nack-definitions': { type: 'string' } } })
const nackFile = values['nack-definitions']
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const namespaces = { apiVersion: 'v1', kind: 'Namespace' }

const { kustomize } = await openKubernetesTools({ onProgress: say })
await using server = await startKubernetes({ onProgress: say })
using api = new KubernetesApi(server)
await makeNodes(api)
say(`${server.origin}, with ${nodeNames.length} nodes that nothing stands behind`)

const built: DeployedOverlay[] = []
for (const overlay of overlays) {
  const text = await buildPublicOverlay(kustomize, overlay)
  built.push({ api, overlay, text, manifests: manifestsIn(text), say })
}
for (const deployed of built) {
  const unknown = await refuseUnknownKinds(deployed)
  assert.deepEqual(unknown, deployed.overlay === 'production' ? ['ScaledObject', 'Stream'] : [])
  if (unknown.length > 0) say(`${deployed.overlay}: refused without their definitions: ${unknown.join(', ')}`)
}
await installDefinitions(api, nackFile)
say(
  nackFile === undefined
    ? 'no definitions of NACK are given: of its Streams only kind and name are looked at'
    : `NACK's Streams are what ${nackFile} says`,
)

for (const deployed of built) await tryOverlay(deployed)
say('every overlay is what Kubernetes takes, and runs as it is meant to')

async function tryOverlay(deployed: DeployedOverlay): Promise<void> {
  const { manifests, overlay } = deployed
  await applyOverlay(deployed)
  await admitPods(deployed)
  await noticeWhatIsLetIn(deployed)
  await refuseBroken(deployed)
  await run(deployed)
  await using followed = await Followed.begin(api, namespaces)
  const name = manifests.find(({ kind }) => kind === 'Namespace')?.metadata.name ?? ''
  await api.delete(namespaces, name)
  await followed.until(`the namespace ${name} is gone`, () => followed.get(name) === undefined)
  say(`${overlay}: deleted, with all that was in its namespace`)
}

async function run(deployed: DeployedOverlay): Promise<void> {
  const { manifests, overlay } = deployed
  await using cluster = await FollowedCluster.begin(api)
  await checkScaling(deployed, cluster)
  await cluster.untilReached(manifests)
  say(`${overlay}: every Deployment and StatefulSet has its pods`)
  await checkVolumes(deployed, cluster)
  checkSpread(deployed, cluster)
  await checkServices(deployed, cluster.pods.items)
  await checkPublicAddress(deployed)
  await refuseThroughDeployment(deployed, cluster)
  await checkDisruption(deployed, cluster)
  await checkRollout(deployed, cluster)
}
