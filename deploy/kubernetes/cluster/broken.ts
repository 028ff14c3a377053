import type { Manifest } from '../testing/manifest.ts'
import { barePods } from './bare-pods.ts'
import type { Resource } from './resource.ts'

/** Something that must not be let in. */
export interface Broken {
  /** `a misspelt field`. */
  readonly what: string
  readonly resource: Resource
  /** By server-side apply, or by creating it as `kubectl apply` does without that. */
  readonly as: 'applied' | 'created'
  readonly refusal: Refusal
}

/** How the server says no. */
interface Refusal {
  /** The status of HTTP. */
  readonly code: number
  readonly reason: string
  /** A field or a rule that it names. */
  readonly names: string
}

/** What is wrong, what of the JSON is changed, into what, and what the server names. */
type Change = readonly [what: string, whole: string | RegExp, broken: string, names: string]

/** Which of the manifests, under which name and how it is asked for, how that is refused, and what is changed. */
interface Breakage {
  readonly kind: string
  readonly name: string
  /** Its own where absent. */
  readonly rename?: string
  readonly as: Broken['as']
  readonly code: number
  readonly reason: string
  readonly change: Change
}

const gateway = { kind: 'Deployment', name: 'gateway', rename: 'broken' } as const
const torrents = { kind: 'Service', name: 'seeder-0', rename: 'broken' } as const
const ingress = { kind: 'Ingress', name: 'gateway', rename: 'broken' } as const
const scaled = { kind: 'ScaledObject', name: 'archiver', rename: 'broken' } as const
/** Server-side apply does not get as far as a reason. */
const applied = { as: 'applied', code: 500, reason: '' } as const
const created = { as: 'created', code: 400, reason: 'BadRequest' } as const
const invalid = { as: 'created', code: 422, reason: 'Invalid' } as const

const misspelt: Change = [
  'a misspelt field',
  '"terminationGracePeriodSeconds"',
  '"terminationGracePeriod"',
  'spec.template.spec.terminationGracePeriod',
]
const mistyped: Change = [
  'a text where a number belongs',
  '"terminationGracePeriodSeconds":60',
  '"terminationGracePeriodSeconds":"long"',
  'spec.template.spec.terminationGracePeriodSeconds',
]
const foreign: Change = ['a field that KEDA does not have', '"maxReplicaCount"', '"maxReplicas"', 'spec.maxReplicas']

const breakages: readonly Breakage[] = [
  { ...gateway, ...applied, change: misspelt },
  { ...gateway, ...created, change: misspelt },
  { ...gateway, ...applied, change: mistyped },
  { ...gateway, ...created, change: mistyped },
  {
    ...gateway,
    ...invalid,
    change: [
      'a selector that selects other pods',
      '"matchLabels":{"app.kubernetes.io/name":"gateway"}}',
      '"matchLabels":{"app.kubernetes.io/name":"other"}}',
      'spec.template.metadata.labels',
    ],
  },
  {
    ...gateway,
    ...invalid,
    change: [
      'a limit below what is requested',
      '"limits":{"memory":"512Mi"}',
      '"limits":{"memory":"1Mi"}',
      'spec.template.spec.containers[0].resources.requests',
    ],
  },
  {
    ...gateway,
    ...invalid,
    change: [
      'a mount of a volume that there is not',
      '{"mountPath":"/tmp","name":"tmp"}',
      '{"mountPath":"/tmp","name":"temp"}',
      'spec.template.spec.containers[0].volumeMounts[1].name',
    ],
  },
  {
    ...invalid,
    kind: 'StatefulSet',
    name: 'seeder',
    as: 'applied',
    change: ['another claim for a StatefulSet that is there', /"storage":"\d+Gi"/, '"storage":"500Gi"', 'spec'],
  },
  {
    ...torrents,
    ...invalid,
    change: [
      "a node's port that is taken",
      /"nodePort":30880,"port":\d+/,
      '"nodePort":30880,"port":1',
      'spec.ports[0].nodePort',
    ],
  },
  {
    ...invalid,
    kind: 'PodDisruptionBudget',
    name: 'gateway',
    rename: 'broken',
    change: ['a budget that says two things', '"maxUnavailable":1', '"maxUnavailable":1,"minAvailable":1', 'spec'],
  },
  {
    ...ingress,
    ...invalid,
    change: [
      'an Ingress whose name nobody brought in',
      '"host":"annals.example"',
      '"host":"ANNALS_PUBLIC_URL"',
      'spec.rules[0].host',
    ],
  },
  {
    ...ingress,
    ...invalid,
    change: ['a path that is none', '"path":"/"', '"path":"announce"', 'spec.rules[0].http.paths[0].path'],
  },
  {
    ...ingress,
    ...invalid,
    change: [
      'an Ingress that leads to no port',
      '"port":{"name":"http"}',
      '"port":{}',
      'spec.rules[0].http.paths[0].backend',
    ],
  },
  { ...scaled, ...applied, change: foreign },
  { ...scaled, ...created, change: foreign },
  {
    ...scaled,
    ...invalid,
    change: [
      'a text where KEDA wants a number',
      '"minReplicaCount":2',
      '"minReplicaCount":"two"',
      'spec.minReplicaCount',
    ],
  },
]

/** What Pod Security, restricted, does not let in. */
const forbidden: readonly Change[] = [
  ['a privileged pod', '"allowPrivilegeEscalation":false', '"privileged":true', 'privileged=true'],
  [
    'a pod that may gain privileges',
    '"allowPrivilegeEscalation":false',
    '"allowPrivilegeEscalation":true',
    'allowPrivilegeEscalation != false',
  ],
  ['a pod that may be root', '"runAsNonRoot":true', '"runAsNonRoot":false', 'runAsNonRoot != true'],
  ['a pod that is root', '"runAsUser":1000', '"runAsUser":0', 'runAsUser=0'],
  ['a pod that keeps its capabilities', '"drop":["ALL"]', '"drop":[]', 'unrestricted capabilities'],
  ['a pod without a filter of system calls', '"type":"RuntimeDefault"', '"type":"Unconfined"', 'seccompProfile'],
  ['a pod that takes a port of the host', '"containerPort":8081', '"containerPort":8081,"hostPort":8081', 'hostPort'],
  [
    "a pod on the host's network",
    '"enableServiceLinks":false',
    '"enableServiceLinks":false,"hostNetwork":true',
    'host namespaces',
  ],
  ['a pod with a folder of the host', /"emptyDir":\{[^}]*\}/, '"hostPath":{"path":"/tmp"}', 'restricted volume types'],
]

/** Manifests out of these, of which each is wrong in one way. */
export function brokenManifests(manifests: readonly Manifest[]): Broken[] {
  return breakages.flatMap(({ kind, name, rename = name, change, ...refusal }) => {
    const whole = manifests.find((each) => each.kind === kind && each.metadata.name === name)
    // ScaledObjects are in one overlay.
    if (whole === undefined) return []
    return [broken({ ...whole, metadata: { ...whole.metadata, name: rename } }, change, refusal)]
  })
}

/** Pods out of these manifests that may not run in our namespace. */
export function brokenPods(manifests: readonly Manifest[]): Broken[] {
  const pod = barePods(manifests).find(({ metadata }) => metadata.name.startsWith('gateway'))
  if (pod === undefined) throw new Error('there is no gateway')
  return forbidden.map((change) => broken(pod, change, { as: 'created', code: 403, reason: 'Forbidden' }))
}

function broken(
  whole: Resource,
  [what, good, bad, names]: Change,
  { as, code, reason }: Pick<Breakage, 'as' | 'code' | 'reason'>,
): Broken {
  const json = JSON.stringify(whole)
  const changed = json.replace(good, bad)
  if (changed === json) throw new Error(`${whole.kind} ${whole.metadata.name} has no ${String(good)} to break`)
  return { what, as, resource: JSON.parse(changed) as Resource, refusal: { code, reason, names } }
}
