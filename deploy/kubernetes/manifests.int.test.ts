import { openKubernetesTools, type KubernetesTools } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { describe, expect, it, type TestContext } from 'vitest'
import { buildOverlay, manifestsIn, overlays, type Overlay } from './testing/build-overlay.ts'
import { unknownKinds, validate } from './testing/validate.ts'

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function tools(test: TestContext): Promise<KubernetesTools> {
  return startOrSkip(test, () => openKubernetesTools({ onProgress: say }))
}

describe.for(overlays)('the overlay %s', (overlay: Overlay) => {
  it('is what the schemas of Kubernetes and KEDA allow, and nothing beside', async (test) => {
    const with_ = await tools(test)
    const said = await validate(with_, await buildOverlay(with_, overlay))
    expect(said.filter(({ status }) => status === 'statusInvalid' || status === 'statusError')).toEqual([])
    const skipped = new Set(said.filter(({ status }) => status === 'statusSkipped').map(({ kind }) => kind))
    expect([...skipped]).toEqual(overlay === 'production' ? [...unknownKinds] : [])
    expect(said.length).toBe(manifestsIn(await buildOverlay(with_, overlay)).length)
  })

  it.for([
    ['a field that is misspelt', 'terminationGracePeriodSeconds:', 'terminationGracePeriod:'],
    ['a number where a text belongs', 'serviceName: seeder', 'serviceName: 7'],
    ['a text where a number belongs', 'failureThreshold: 300', 'failureThreshold: many'],
    ['a kind that there is not', 'kind: StatefulSet', 'kind: StatefulSets'],
  ] as const)('is refused with %s', async ([, good, broken], test) => {
    const with_ = await tools(test)
    const built = await buildOverlay(with_, overlay)
    expect(built).toContain(good)
    const said = await validate(with_, built.replace(good, broken))
    expect(said.filter(({ status }) => status === 'statusInvalid' || status === 'statusError')).toHaveLength(1)
  })
})

it('a ScaledObject is refused with a field that KEDA does not have', async (test) => {
  const with_ = await tools(test)
  const built = await buildOverlay(with_, 'production')
  const said = await validate(with_, built.replace('maxReplicaCount:', 'maxReplicas:'))
  expect(said.filter(({ status }) => status === 'statusInvalid').map(({ kind }) => kind)).toEqual(['ScaledObject'])
})
