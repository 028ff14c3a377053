import { strict as assert } from 'node:assert'
import { workloadsIn } from '../testing/manifest.ts'
import type { Manifest } from '../testing/manifest.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import { barePods } from './bare-pods.ts'

/** Lets the server judge every manifest, strictly and without a warning, and applies it then. */
export async function applyOverlay({ api, manifests, overlay, say }: DeployedOverlay): Promise<void> {
  const [namespaces, others] = [manifests.filter(isNamespace), manifests.filter((each) => !isNamespace(each))]
  // Nothing is judged in a namespace that there is not.
  for (const part of [namespaces, others])
    for (const dryRun of [true, false])
      for (const manifest of part) {
        const { warnings } = await api.apply(manifest, { dryRun })
        assert.deepEqual(warnings, [], `${manifest.kind} ${manifest.metadata.name}`)
      }
  say(`${overlay}: ${manifests.length} manifests are what the server takes, and are applied`)
}

/** Lets the server judge the pods themselves: of a Deployment's it only warns. */
export async function admitPods({ api, manifests, overlay, say }: DeployedOverlay): Promise<void> {
  const pods = barePods(manifests)
  assert.equal(pods.length, workloadsIn(manifests).length)
  for (const pod of pods) {
    const { warnings } = await api.create(pod, { dryRun: true })
    assert.deepEqual(warnings, [], pod.metadata.name)
  }
  say(`${overlay}: ${pods.length} pods are let in by Pod Security, restricted`)
}

function isNamespace({ kind }: Manifest): boolean {
  return kind === 'Namespace'
}
