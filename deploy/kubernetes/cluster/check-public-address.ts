import { strict as assert } from 'node:assert'
import { readEnv } from '@annals/service'
import type { Manifest } from '../testing/manifest.ts'
import { publicMistakes } from '../testing/public-mistakes.ts'
import { resolveEnvironment } from '../testing/resolve-environment.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import { workload } from './deployed-overlay.ts'

/** What decides who comes in from outside. */
const entrances = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'v1', kind: 'Service' },
]

/** As the server keeps them, with its defaults, Ingress and Services lead where the public address says, and nowhere else. */
export async function checkPublicAddress({ api, manifests, overlay, say }: DeployedOverlay): Promise<void> {
  const kinds = new Set(entrances.map(({ kind }) => kind))
  const kept: Manifest[] = []
  for (const entrance of entrances)
    for (const item of (await api.list(entrance)).items) kept.push({ ...(item as Manifest), ...entrance })
  assert.equal(kept.length, manifests.filter(({ kind }) => kinds.has(kind)).length)
  const [container] = workload(manifests, 'gateway').pod.containers
  assert.ok(container)
  const config = readEnv(resolveEnvironment(container, manifests, 'gateway-6d4cf56db6-x2x7k'))
  const others = manifests.filter(({ kind }) => !kinds.has(kind))
  assert.deepEqual(publicMistakes([...others, ...kept], config), [])
  // That the check can fail.
  const withoutTls = kept.map((each) => (each.kind === 'Ingress' ? { ...each, spec: { ...each.spec, tls: [] } } : each))
  assert.deepEqual(publicMistakes([...others, ...withoutTls], config), ['ingress without tls'])
  say(`${overlay}: ${config.publicUrl} leads to the gateway's HTTP over TLS, UDP to its tracker, and nothing to gRPC`)
}
