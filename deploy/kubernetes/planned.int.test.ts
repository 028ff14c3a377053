import { describe, expect, it } from 'vitest'
import { BuiltOverlays } from './testing/build-overlay.ts'
import { workloadsIn } from './testing/manifest.ts'
import { planPod, type ContainerPlan } from './testing/plan-pod.ts'

const built = new BuiltOverlays()

describe('what containers of the overlay single are run with', () => {
  it('follows from the manifests for each of them, and lets none be root or write to its image', async (test) => {
    const manifests = await built.manifests(test, 'single')
    const workloads = workloadsIn(manifests)
    expect(workloads.length).toBeGreaterThan(0)
    const plans = workloads.flatMap(({ metadata }) => Object.entries(planPod(manifests, metadata.name)))
    expect(plans.length).toBeGreaterThan(workloads.length)
    for (const [name, plan] of plans) {
      expect(plan).toMatchObject({ isRootReadOnly: true, droppedCapabilities: ['ALL'], mayGainPrivileges: false })
      expect(plan.user, name).toMatch(/^[1-9]\d+:[1-9]\d+$/)
      expect(plan.limits.memoryBytes, name).toBeGreaterThanOrEqual(plan.requests.memoryBytes ?? Infinity)
    }
  })

  it('has the volumes, the probe and the time of grace of a seeder', async (test) => {
    const { annals } = planPod(await built.manifests(test, 'single'), 'seeder')
    expect(annals).toMatchObject({
      arguments: ['run', 'seeder'],
      user: '1000:1000',
      group: 1000,
      mounts: [
        { path: '/tmp', volume: { kind: 'empty' } },
        { path: '/data', volume: { kind: 'claim', name: 'data' } },
      ],
      limits: { memoryBytes: 1024 ** 3 },
      startup: { port: 8081, path: '/startup' },
      graceSeconds: 60,
    } satisfies Partial<Record<keyof ContainerPlan, unknown>>)
  })

  it('is nothing for a workload that there is not', async (test) => {
    const manifests = await built.manifests(test, 'single')
    expect(() => planPod(manifests, 'sailor')).toThrow(Error)
  })
})
