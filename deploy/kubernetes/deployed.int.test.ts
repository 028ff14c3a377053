import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { busStreams } from '@annals/events/nats'
import { ConfigError, readEnv, settings, type AnnalsConfig } from '@annals/service'
import { describe, expect, it } from 'vitest'
import { needsOf, type Party } from '../needs.ts'
import { services } from './network-policies.ts'
import { maxSeeders, seederPort, torrentPorts } from './ports.ts'
import { BuiltOverlays } from './testing/build-overlay.ts'
import { appName, containersOf, isOurs, workloadsIn } from './testing/manifest.ts'
import type { Container, Manifest } from './testing/manifest.ts'
import { overlays } from './testing/overlays.ts'
import { resolveEnvironment } from './testing/resolve-environment.ts'

const built = new BuiltOverlays()

const known = new Set<string>(Object.values(settings).map(({ variable }) => variable))
/** Of which other variables are made. */
const parts = new Set(['NATS_SCHEME', 'NATS_SERVER', 'NATS_PASSWORD', 'POD_INDEX'])

/** The settings of a process in a container. @throws ConfigError */
function configOf(container: Container, manifests: readonly Manifest[], podName: string): AnnalsConfig {
  return readEnv(resolveEnvironment(container, manifests, podName))
}

/** What no process would look at. */
function unknownNames(container: Container, manifests: readonly Manifest[]): string[] {
  return Object.keys(resolveEnvironment(container, manifests, 'any-0')).filter(
    (name) => !known.has(name) && !parts.has(name),
  )
}

function processesIn(manifests: readonly Manifest[]): { name: string; container: Container; config: AnnalsConfig }[] {
  return workloadsIn(manifests).flatMap(({ metadata, kind, pod }) =>
    containersOf(pod)
      .filter(isOurs)
      .map((container) => {
        const podName = kind === 'StatefulSet' ? `${metadata.name}-0` : `${metadata.name}-6d4cf56db6-x2x7k`
        return { name: metadata.name, container, config: configOf(container, manifests, podName) }
      }),
  )
}

const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((each) => each.kind === kind)

describe.for(overlays)('what the overlay %s deploys', (overlay) => {
  it('has pods for each service, with settings that it can use', async (test) => {
    const manifests = await built.manifests(test, overlay)
    const processes = processesIn(manifests)
    const running = processes.filter(({ container }) => container.name === 'annals')
    expect(running.map(({ container }) => container.args)).toEqual(running.map(({ name }) => ['run', name]))
    expect(running.map(({ name }) => name).toSorted()).toEqual([...services].toSorted())
    // What network policies and the spreading of pods go by.
    const own = workloadsIn(manifests).filter(({ pod }) => pod.containers.some(isOurs))
    for (const { metadata, spec } of own)
      expect(spec?.template?.metadata.labels).toMatchObject({
        'app.kubernetes.io/name': metadata.name,
        'app.kubernetes.io/part-of': 'annals',
      })
    for (const { name, container, config } of running) {
      expect(unknownNames(container, manifests)).toEqual([])
      expect(new URL(config.natsUrl).username).toBe(`annals-${name}`)
      expect(config.natsInboxPrefix).toBe(`_INBOX_annals-${name}`)
      expect(config.health?.port).toBe(8081)
    }
  })

  it('would fail with the name of a setting that there is not', async (test) => {
    const manifests = await built.manifests(test, overlay)
    for (const { container } of processesIn(manifests)) {
      const wrong = (name: string): Container => ({
        ...container,
        env: [...(container.env ?? []), { name, value: '1' }],
      })
      expect(() => configOf(wrong('ANNALS_DRAIN_SECOND'), manifests, 'any-0')).toThrow(ConfigError)
      expect(unknownNames(wrong('NATS_URI'), manifests)).toEqual(['NATS_URI'])
      expect(unknownNames(wrong('ANNALS_DRAIN_SECONDS'), manifests)).toEqual([])
    }
  })

  it('gives each process longer than its drain takes', async (test) => {
    const manifests = await built.manifests(test, overlay)
    const configs = new Map(processesIn(manifests).map(({ name, config }) => [name, config]))
    for (const { metadata, pod } of workloadsIn(manifests)) {
      const waits = pod.containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0)
      const drain = configs.get(metadata.name)?.drainSeconds ?? 0
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Math.max(...waits) + drain)
    }
  })

  it('asks each process three different questions', async (test) => {
    for (const { pod } of workloadsIn(await built.manifests(test, overlay)))
      for (const { name, startupProbe, readinessProbe, livenessProbe } of pod.containers) {
        const asked = [startupProbe, readinessProbe, livenessProbe].map((probe) => {
          const { httpGet, grpc, tcpSocket } = probe as Record<string, unknown>
          return JSON.stringify(httpGet ?? grpc ?? tcpSocket)
        })
        // Of MongoDB no more can be asked without running its shell in the pod.
        expect(new Set(asked).size).toBe(name === 'mongodb' ? 1 : 3)
      }
  })

  it('may do nothing that it need not: no root, no writing to the image, no token of the cluster', async (test) => {
    for (const { pod } of workloadsIn(await built.manifests(test, overlay))) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      for (const { securityContext, resources } of containersOf(pod)) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(Object.keys(resources?.requests ?? {})).toEqual(['cpu', 'memory'])
        expect(resources?.limits).toHaveProperty('memory')
      }
    }
  })

  it('has no secret in it, and names none that the documentation does not', async (test) => {
    const manifests = await built.manifests(test, overlay)
    expect(ofKind(manifests, 'Secret')).toEqual([])
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operate.md'), 'utf8')
    const names = JSON.stringify(manifests).matchAll(/"secretKeyRef":\{[^}]*"name":"([^"]+)"|"secretName":"([^"]+)"/g)
    for (const [, byKey, byFile] of names) expect(page).toContain(`secret generic ${byKey ?? byFile}`)
  })

  it('gives each seeder a port that peers reach, and that the seeder tells them', async (test) => {
    const manifests = await built.manifests(test, overlay)
    const seeder = workloadsIn(manifests).find(({ metadata }) => metadata.name === 'seeder')
    const { replicas = 0 } = seeder?.spec ?? {}
    expect(replicas).toBeGreaterThan(0)
    expect(replicas).toBeLessThanOrEqual(maxSeeders)
    const entrances = ofKind(manifests, 'Service').filter(({ spec }) => spec?.type === 'NodePort')
    expect(entrances.map(({ spec }) => spec?.selector)).toEqual(
      Array.from({ length: replicas }, (_, index) => ({ 'statefulset.kubernetes.io/pod-name': `seeder-${index}` })),
    )
    for (const [index, { spec }] of entrances.entries()) {
      const { torrentPort } = configOf(seeder?.pod.containers[0] as Container, manifests, `seeder-${index}`)
      expect(torrentPort).toBe(seederPort(index))
      for (const { port, targetPort, nodePort } of spec?.ports ?? [])
        expect([port, targetPort, nodePort]).toEqual([torrentPort, torrentPort, torrentPort])
    }
  })

  it('lets peers through to where seeders and fetchers listen', async (test) => {
    const processes = processesIn(await built.manifests(test, overlay))
    for (const party of services.filter((each) => needsOf(each).accepts.includes('bittorrent'))) {
      const port = processes.find(({ name }) => name === party)?.config.torrentPort ?? 0
      const [first, last] = torrentPorts(party)
      expect(port).toBeGreaterThanOrEqual(first)
      expect(port).toBeLessThanOrEqual(last)
    }
  })

  it('has a budget for disruptions for each service, which holds up no node that is emptied', async (test) => {
    const budgets = ofKind(await built.manifests(test, overlay), 'PodDisruptionBudget')
    const names = budgets.map(({ spec }) => appName(spec?.selector?.matchLabels))
    expect(new Set(names)).toEqual(new Set(services))
    expect(names).toHaveLength(services.length)
    expect(new Set(budgets.map(({ spec }) => spec?.['maxUnavailable']))).toEqual(new Set([1]))
  })
})

it('the overlay production scales by the lag of consumers that there are, and says no number itself', async (test) => {
  const manifests = await built.manifests(test, 'production')
  const scaled = ofKind(manifests, 'ScaledObject')
  expect(scaled.length).toBeGreaterThan(0)
  const [log] = busStreams('annals', 3)
  for (const { spec } of scaled) {
    const { name } = (spec ?? {})['scaleTargetRef'] as { name: Party }
    const target = manifests.find((each) => each.kind === 'Deployment' && each.metadata.name === name)
    expect(target?.spec).not.toHaveProperty('replicas')
    const shared = needsOf(name).consumers.filter(({ perInstance }) => !perInstance)
    const triggers = spec?.['triggers'] as { metadata: Record<string, string> }[]
    expect(triggers.map(({ metadata }) => metadata['consumer'])).toEqual(shared.map((each) => each.name))
    expect(new Set(triggers.map(({ metadata }) => metadata['stream']))).toEqual(new Set([log?.name]))
  }
})

it('the overlay production has a stream for each that the code declares, in the words of NACK', async (test) => {
  const streams = ofKind(await built.manifests(test, 'production'), 'Stream')
  const names = [...busStreams('annals', 3).map(({ name }) => name), 'ANNALS_CHANNEL']
  expect(new Set(streams.map(({ spec }) => spec?.['name']))).toEqual(new Set(names))
  const texts = ['name', 'description', 'retention', 'storage', 'discard', 'maxAge', 'duplicateWindow']
  const numbers = ['replicas', 'maxMsgs', 'maxBytes', 'maxMsgsPerSubject', 'maxMsgSize']
  const flags = ['denyDelete', 'denyPurge', 'preventDelete', 'preventUpdate']
  for (const { apiVersion, spec = {} } of streams) {
    expect(apiVersion).toBe('jetstream.nats.io/v1beta2')
    expect(Object.keys(spec).toSorted()).toEqual([...texts, ...numbers, ...flags, 'subjects'].toSorted())
    expect(texts.map((field) => typeof spec[field])).toEqual(texts.map(() => 'string'))
    expect(numbers.map((field) => Number.isInteger(spec[field]))).toEqual(numbers.map(() => true))
    expect(flags.map((field) => typeof spec[field])).toEqual(flags.map(() => 'boolean'))
    // A duration as Go writes it, or none.
    for (const field of ['maxAge', 'duplicateWindow']) expect(spec[field]).toMatch(/^(\d+s)?$/)
    expect(spec['preventDelete']).toBe(true)
  }
})
