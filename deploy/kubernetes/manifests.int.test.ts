import { describe, expect, it } from 'vitest'
import { BuiltOverlays } from './testing/build-overlay.ts'
import { judgePods } from './testing/judge-pods.ts'
import { workloadsIn } from './testing/manifest.ts'
import { manifestsIn, overlays, type Overlay } from './testing/overlays.ts'
import { unknownKinds, validate } from './testing/validate.ts'

const built = new BuiltOverlays()

describe.for(overlays)('the overlay %s', (overlay: Overlay) => {
  it('is what the schemas of Kubernetes and KEDA allow, and nothing beside', async (test) => {
    const tools = await built.tools(test)
    const said = await validate(tools, await built.text(test, overlay))
    expect(said.filter(({ status }) => status === 'statusInvalid' || status === 'statusError')).toEqual([])
    const skipped = new Set(said.filter(({ status }) => status === 'statusSkipped').map(({ kind }) => kind))
    expect([...skipped]).toEqual(overlay === 'production' ? [...unknownKinds] : [])
    expect(said.length).toBe(manifestsIn(await built.text(test, overlay)).length)
  })

  it.for([
    ['a field that is misspelt', 'terminationGracePeriodSeconds:', 'terminationGracePeriod:'],
    ['a number where a text belongs', 'serviceName: seeder', 'serviceName: 7'],
    ['a text where a number belongs', 'failureThreshold: 300', 'failureThreshold: many'],
    ['a kind that there is not', 'kind: StatefulSet', 'kind: StatefulSets'],
  ] as const)('is refused with %s', async ([, good, broken], test) => {
    const tools = await built.tools(test)
    const manifests = await built.text(test, overlay)
    expect(manifests).toContain(good)
    const said = await validate(tools, manifests.replace(good, broken))
    expect(said.filter(({ status }) => status === 'statusInvalid' || status === 'statusError')).toHaveLength(1)
  })
})

describe.for(overlays)('the pods of the overlay %s', (overlay) => {
  it('are let in by Pod Security, restricted', async (test) => {
    const tools = await built.tools(test)
    const manifests = await built.text(test, overlay)
    const verdicts = await judgePods(tools, manifests)
    expect(verdicts.filter(({ allowed }) => !allowed)).toEqual([])
    expect(verdicts).toHaveLength(workloadsIn(manifestsIn(manifests)).length)
  })

  it.for([
    ['that may gain privileges', 'allowPrivilegeEscalation: false', 'allowPrivilegeEscalation: true'],
    ['that run as root', 'runAsNonRoot: true', 'runAsNonRoot: false'],
    ['that keep a capability', 'drop:\n            - ALL', 'drop: []'],
    ['that take a port of the host', 'containerPort: 8081', 'containerPort: 8081\n          hostPort: 8081'],
  ] as const)('would be kept out as pods %s', async ([, good, broken], test) => {
    const tools = await built.tools(test)
    const manifests = await built.text(test, overlay)
    expect(manifests).toContain(good)
    const verdicts = await judgePods(tools, manifests.replace(good, broken))
    expect(verdicts.filter(({ allowed }) => !allowed)).toHaveLength(1)
  })
})

it('a ScaledObject is refused with a field that KEDA does not have', async (test) => {
  const tools = await built.tools(test)
  const manifests = await built.text(test, 'production')
  const said = await validate(tools, manifests.replace('maxReplicaCount:', 'maxReplicas:'))
  expect(said.filter(({ status }) => status === 'statusInvalid').map(({ kind }) => kind)).toEqual(['ScaledObject'])
})
