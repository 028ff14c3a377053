import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKubernetesTools } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { ownTrackers, ownWebSeeds, readEnv } from '@annals/service'
import { describe, expect, it, type TestContext } from 'vitest'
import { workloadsIn, type Manifest } from './testing/manifest.ts'
import { buildOverlay, manifestsIn, overlays, type Overlay } from './testing/overlays.ts'
import { publicMistakes } from './testing/public-mistakes.ts'
import { buildPublicOverlay, publicSettings, type PublicOverlayOptions } from './testing/public-overlay.ts'
import { resolveEnvironment } from './testing/resolve-environment.ts'
import { validate } from './testing/validate.ts'

const built = new Map<Overlay, Promise<string>>()

const toolsOf = (test: TestContext): ReturnType<typeof openKubernetesTools> =>
  startOrSkip(test, () => openKubernetesTools({ onProgress: (line) => process.stderr.write(`${line}\n`) }))

async function textOf(test: TestContext, overlay: Overlay): Promise<string> {
  const { kustomize } = await toolsOf(test)
  const text = built.get(overlay) ?? buildPublicOverlay(kustomize, overlay)
  built.set(overlay, text)
  return text
}

function configIn(manifests: readonly Manifest[], workload: string): ReturnType<typeof readEnv> {
  const container = workloadsIn(manifests).find(({ metadata }) => metadata.name === workload)?.pod.containers[0]
  if (container === undefined) throw new Error(`there is no ${workload}`)
  return readEnv(resolveEnvironment(container, manifests, `${workload}-0`))
}

function mistakesIn(text: string): string[] {
  const manifests = manifestsIn(text)
  return publicMistakes(manifests, configIn(manifests, 'gateway'))
}

describe.for(overlays)('the overlay %s under a public address', (overlay) => {
  it('is reached under that name, and by nothing else', async (test) => {
    expect(mistakesIn(await textOf(test, overlay))).toEqual([])
  })

  it('is what the schemas of Kubernetes allow', async (test) => {
    const said = await validate(await toolsOf(test), await textOf(test, overlay))
    expect(said.filter(({ status }) => ['statusInvalid', 'statusError'].includes(status))).toEqual([])
    expect(said.filter(({ kind }) => kind === 'Ingress')).toMatchObject([{ status: 'statusValid' }])
  })

  it('has magnet links name web seed and tracker as they are reached, by who seals them', async (test) => {
    const config = configIn(manifestsIn(await textOf(test, overlay)), 'archiver')
    const udp = { single: 'annals.example:30969', production: 'tracker.annals.example:6969' }[overlay]
    expect(ownTrackers(config)).toEqual([
      'wss://annals.example/announce',
      'https://annals.example/announce',
      `udp://${udp}/announce`,
    ])
    expect(ownWebSeeds(config, 'ab')).toEqual(['https://annals.example/seeds/ab/'])
  })

  it('has its seeders announce to every gateway', async (test) => {
    const manifests = manifestsIn(await textOf(test, overlay))
    const [announceTo = ''] = configIn(manifests, 'seeder').announceTo
    const { hostname, port, pathname } = new URL(announceTo)
    const service = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === hostname)
    expect(service?.spec).toMatchObject({ clusterIP: 'None', ports: [{ port: Number(port) }] })
    expect(pathname).toBe('/announce')
  })

  const failing = async (test: TestContext, options: PublicOverlayOptions): Promise<string> => {
    const { kustomize } = await toolsOf(test)
    const error = await buildPublicOverlay(kustomize, overlay, options).catch((reason: unknown) => reason)
    return (error as { stderr?: string }).stderr ?? ''
  }

  it('is not built without a name, and says which setting has it', async (test) => {
    const settings: Readonly<Record<string, string>> = publicSettings[overlay]
    for (const missing of Object.keys(settings)) {
      const rest = Object.fromEntries(Object.entries(settings).filter(([variable]) => variable !== missing))
      expect(await failing(test, { settings: { ANNALS_LOG: 'info', ...rest } })).toContain(missing)
    }
    for (const ANNALS_PUBLIC_URL of ['', 'annals.example'])
      expect(await failing(test, { settings: { ...settings, ANNALS_PUBLIC_URL } })).not.toBe('')
  })

  it('has a name that no server takes where nobody brings it in', async (test) => {
    const { kustomize } = await toolsOf(test)
    const text = await buildPublicOverlay(kustomize, overlay, { withoutTransformers: true })
    const [{ spec } = {}] = manifestsIn(text).filter(({ kind }) => kind === 'Ingress')
    // What Kubernetes takes for a name: RFC 1123, in lower case.
    for (const { host } of (spec as unknown as { rules: { host: string }[] }).rules)
      expect(host).not.toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  })

  it('names no certificate that the documentation does not', async (test) => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operate.md'), 'utf8')
    for (const [, name] of (await textOf(test, overlay)).matchAll(/^ {4}secretName: (\S+)/gm))
      expect(page).toContain(`secret tls ${name}`)
  })
})

describe('a public address', () => {
  it.for([
    ['no tls', 'ingress without tls', /^ {2}tls:\n {2}- hosts:\n {4}- .*\n {4}secretName: .*\n/m, ''],
    ['no certificate', 'ingress without tls', /^ {4}secretName: annals-tls\n/m, ''],
    ['another name', 'ingress for another name', '- host: annals.example', '- host: other.example'],
    ['no name', 'ingress for another name', '- host: annals.example\n    http', '- http'],
    ['a certificate for another name', 'certificate for another name', '    - annals.example', '    - other.example'],
    ['a path only', 'path missing', 'path: /\n', 'path: /api\n'],
    ['one exact path', 'path missing', 'pathType: Prefix', 'pathType: Exact'],
    ['a way to gRPC', 'ingress to another place', 'name: http\n        path', 'name: grpc\n        path'],
    [
      'a Service that leads to gRPC',
      'grpc reached from outside',
      /targetPort: tracker(\n(?: .*\n)* {2}type: [NL])/,
      'targetPort: grpc$1',
    ],
    ['an address without TLS', 'address without tls', 'ANNALS_PUBLIC_URL: https', 'ANNALS_PUBLIC_URL: http'],
    [
      'another address',
      'ingress for another name',
      'ANNALS_PUBLIC_URL: https://annals',
      'ANNALS_PUBLIC_URL: https://other',
    ],
    ['no address', 'no address', /^ {2}ANNALS_PUBLIC_URL: .*\n/m, ''],
    ['no Ingress', 'no ingress', 'kind: Ingress\n', 'kind: Egress\n'],
    ['a tracker on another port', 'udp tracker not listening', 'UDP: 0.0.0.0:6969', 'UDP: 0.0.0.0:6970'],
    ['a tracker under another port', 'udp tracker not reached', /(ANNALS_PUBLIC_TRACKER_UDP: .*):\d+/, '$1:7000'],
    [
      'a tracker over TCP',
      'udp tracker not reached',
      /protocol: UDP(\n {4}targetPort: tracker\n(?: .*\n)* {2}type: [NL])/,
      'protocol: TCP$1',
    ],
    [
      'a tracker that sees proxies',
      'udp tracker sees no addresses',
      /Local(\n {2}ports:\n {2}- name: tracker)/,
      'Cluster$1',
    ],
    [
      'a policy that keeps out',
      'kept out by policies',
      /- port: 8080\n {6}protocol: TCP/,
      '- port: 8088\n      protocol: TCP',
    ],
  ] as const)('is noticed with %s', async ([, mistake, good, broken], test) => {
    const text = await textOf(test, 'production')
    const changed = text.replace(good, broken)
    expect(changed).not.toBe(text)
    expect(mistakesIn(changed)).toContain(mistake)
  })

  it('is noticed with a tracker that the port of a node does not lead to', async (test) => {
    const text = await textOf(test, 'single')
    expect(mistakesIn(text.replace('nodePort: 30969', 'nodePort: 30970'))).toEqual(['udp tracker not reached'])
  })
})

it.for(overlays)('the overlay %s by itself publishes no address, and lets nobody in', async (overlay, test) => {
  const { kustomize } = await toolsOf(test)
  const manifests = manifestsIn(await buildOverlay(kustomize, overlay))
  const config = configIn(manifests, 'gateway')
  expect([config.publicUrl, config.trackerUdp]).toEqual(['', undefined])
  expect(publicMistakes(manifests, config)).toEqual(['no ingress'])
})
