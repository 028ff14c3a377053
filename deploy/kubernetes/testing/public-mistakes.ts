import type { AnnalsConfig } from '@annals/service'
import { ownTrackers } from '@annals/service'
import { ports } from '../ports.ts'
import type { Manifest, PodSpec, Spec } from './manifest.ts'
import { workloadsIn } from './manifest.ts'

/** What keeps others from what a public address promises them, or lets them in where they have no business. */
export type PublicMistake =
  | 'no ingress'
  | 'no address'
  | 'address without tls'
  | 'ingress without tls'
  | 'certificate for another name'
  | 'ingress for another name'
  | 'path missing'
  | 'ingress to another place'
  | 'grpc reached from outside'
  | 'udp tracker not listening'
  | 'udp tracker not reached'
  | 'udp tracker sees no addresses'
  | 'kept out by policies'

interface IngressSpec {
  readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[]
  readonly rules?: readonly { readonly host?: string; readonly http?: { readonly paths: readonly IngressPath[] } }[]
}
interface IngressPath {
  readonly path: string
  readonly pathType: string
  readonly backend: { readonly service?: { readonly name: string; readonly port: Readonly<Record<string, unknown>> } }
}

/** What clients ask for at the public address, one of each kind. */
const asked = [
  '/',
  '/assets/page.js',
  '/api/openapi.json',
  '/api/v1/communities',
  '/api/v1/events',
  '/announce',
  '/scrape',
  `/seeds/${'ab'.repeat(20)}/community/data`,
]

/**
 * What is wrong with how an overlay is reached from outside.
 * @param config of the gateway
 */
export function publicMistakes(manifests: readonly Manifest[], config: AnnalsConfig): PublicMistake[] {
  const gateway = workloadsIn(manifests).find(({ metadata }) => metadata.name === 'gateway')
  if (gateway === undefined) throw new Error('there is no gateway')
  const mistakes = [
    ...ingressMistakes(manifests, config),
    ...(outerServices(manifests, gateway.pod).some(({ leadsTo }) => leadsTo(ports.grpc))
      ? (['grpc reached from outside'] as const)
      : []),
    ...trackerMistakes(manifests, gateway.pod, config),
    ...(isLetIn(manifests) ? [] : (['kept out by policies'] as const)),
  ]
  return [...new Set(mistakes)]
}

function ingressMistakes(manifests: readonly Manifest[], { publicUrl }: AnnalsConfig): PublicMistake[] {
  const ingresses = manifests.filter(({ kind }) => kind === 'Ingress').map(({ spec }) => spec as IngressSpec)
  if (ingresses.length === 0) return ['no ingress']
  if (publicUrl === '') return ['no address']
  const { host, protocol } = new URL(publicUrl)
  const rules = ingresses.flatMap((each) => each.rules ?? [])
  const tls = ingresses.flatMap((each) => each.tls ?? [])
  const paths = rules.flatMap(({ http }) => http?.paths ?? [])
  const own = rules.filter((rule) => rule.host === host).flatMap(({ http }) => http?.paths ?? [])
  const mistakes: PublicMistake[] = []
  if (protocol !== 'https:') mistakes.push('address without tls')
  if (!tls.some(({ secretName }) => secretName !== undefined)) mistakes.push('ingress without tls')
  else if (!tls.some(({ hosts = [] }) => hosts.includes(host))) mistakes.push('certificate for another name')
  if (rules.some((rule) => rule.host !== host)) mistakes.push('ingress for another name')
  else if (!asked.every((path) => own.some((each) => covers(each, path)))) mistakes.push('path missing')
  if (paths.some((path) => !leadsToHttp(path))) mistakes.push('ingress to another place')
  return mistakes
}

/** By elements of a path, as `pathType` has it. */
function covers({ path, pathType }: IngressPath, wanted: string): boolean {
  if (pathType === 'Exact') return path === wanted
  const prefix = path.replace(/\/$/, '')
  return wanted === path || wanted.startsWith(`${prefix}/`)
}

function leadsToHttp({ backend: { service } }: IngressPath): boolean {
  return service?.name === 'gateway' && (service.port['name'] === 'http' || service.port['number'] === ports.http)
}

interface OuterService {
  readonly spec: Spec
  /** Whether one of its ports leads to this port of the gateway's container. */
  readonly leadsTo: (port: number) => boolean
}

/** Services that lead from outside to the gateway. */
function outerServices(manifests: readonly Manifest[], { containers }: PodSpec): OuterService[] {
  const named = new Map(containers.flatMap((each) => each.ports ?? []).map((each) => [each.name, each.containerPort]))
  const leading = manifests.flatMap(({ kind, spec }) => (kind === 'Service' && spec !== undefined ? [spec] : []))
  return leading
    .filter(
      ({ type = 'ClusterIP', selector }) => type !== 'ClusterIP' && Object.values(selector ?? {}).includes('gateway'),
    )
    .map((spec) => ({
      spec,
      leadsTo: (port) =>
        (spec.ports ?? []).some(
          ({ targetPort, port: own }) => (named.get(String(targetPort)) ?? targetPort ?? own) === port,
        ),
    }))
}

/** The tracker that magnet links name is the one that peers come to. */
function trackerMistakes(manifests: readonly Manifest[], pod: PodSpec, config: AnnalsConfig): PublicMistake[] {
  const tracker = ownTrackers(config).find((each) => each.startsWith('udp:'))
  const entrances = outerServices(manifests, pod).filter(({ leadsTo }) => leadsTo(ports.tracker))
  if (tracker === undefined) return entrances.length === 0 ? [] : ['udp tracker not listening']
  const mistakes: PublicMistake[] = []
  if (config.trackerUdp?.port !== ports.tracker) mistakes.push('udp tracker not listening')
  const isReached = entrances.some(({ spec }) =>
    (spec.ports ?? []).some(
      ({ protocol, port, nodePort }) =>
        protocol === 'UDP' && Number(new URL(tracker).port) === (spec.type === 'NodePort' ? nodePort : port),
    ),
  )
  if (!isReached) mistakes.push('udp tracker not reached')
  if (entrances.some(({ spec }) => spec['externalTrafficPolicy'] !== 'Local'))
    mistakes.push('udp tracker sees no addresses')
  return mistakes
}

interface PolicySpec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> }
  readonly ingress?: readonly {
    readonly from?: unknown
    readonly ports?: readonly { port: number; protocol: string }[]
  }[]
}

/** Ingress controllers are in namespaces of their own, and peers anywhere. */
function isLetIn(manifests: readonly Manifest[]): boolean {
  const open = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as unknown as PolicySpec)
    .filter(({ podSelector }) => Object.values(podSelector.matchLabels ?? {}).includes('gateway'))
    .flatMap(({ ingress = [] }) => ingress)
    .flatMap(({ from, ports: open = [] }) => (from === undefined ? open : []))
  const isOpen = (port: number, protocol: string): boolean =>
    open.some((each) => each.port === port && each.protocol === protocol)
  return isOpen(ports.http, 'TCP') && isOpen(ports.tracker, 'UDP')
}
