import type { Manifest } from '../testing/manifest.ts'
import { barePods } from './bare-pods.ts'
import type { Resource } from './resource.ts'

/** Something that must not be let in. */
export interface Broken {
  /** `a misspelt field`. */
  readonly what: string
  readonly resource: Resource
  /** `pod`: created as such, and so judged by Pod Security. */
  readonly as: 'manifest' | 'pod'
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

/** Which of the manifests, under which name, how it is refused, and what is changed in it. */
type Breakage = readonly [kind: string, name: string, as: string, code: number, reason: string, change: Change]

const breakages: readonly Breakage[] = [
  [
    'Deployment',
    'gateway',
    'broken',
    400,
    'BadRequest',
    ['a misspelt field', '"terminationGracePeriodSeconds"', '"terminationGracePeriod"', 'terminationGracePeriod'],
  ],
  [
    'Deployment',
    'gateway',
    'broken',
    400,
    'BadRequest',
    [
      'a text where a number belongs',
      '"terminationGracePeriodSeconds":60',
      '"terminationGracePeriodSeconds":"long"',
      'terminationGracePeriodSeconds',
    ],
  ],
  [
    'Deployment',
    'gateway',
    'broken',
    422,
    'Invalid',
    [
      'a selector that selects other pods',
      '"matchLabels":{"app.kubernetes.io/name":"gateway"}}',
      '"matchLabels":{"app.kubernetes.io/name":"other"}}',
      'spec.template.metadata.labels',
    ],
  ],
  [
    'Deployment',
    'gateway',
    'broken',
    422,
    'Invalid',
    [
      'a limit below what is requested',
      '"limits":{"memory":"512Mi"}',
      '"limits":{"memory":"1Mi"}',
      'spec.template.spec.containers[0].resources.requests',
    ],
  ],
  [
    'Deployment',
    'gateway',
    'broken',
    422,
    'Invalid',
    [
      'a mount of a volume that there is not',
      '{"mountPath":"/tmp","name":"tmp"}',
      '{"mountPath":"/tmp","name":"temp"}',
      'spec.template.spec.containers[0].volumeMounts[1].name',
    ],
  ],
  [
    'StatefulSet',
    'seeder',
    'seeder',
    422,
    'Invalid',
    ['a larger claim for a StatefulSet that is there', /"storage":"\d+Gi"/, '"storage":"500Gi"', 'spec'],
  ],
  [
    'Service',
    'seeder-0',
    'broken',
    422,
    'Invalid',
    ['a port of the node that is taken', '"nodePort":30880', '"nodePort":30880', 'spec.ports[0].nodePort'],
  ],
  [
    'Service',
    'seeder-0',
    'broken',
    422,
    'Invalid',
    ['a port of the node that is none for Services', '"nodePort":30880', '"nodePort":40880', 'spec.ports[0].nodePort'],
  ],
  [
    'PodDisruptionBudget',
    'gateway',
    'broken',
    422,
    'Invalid',
    ['a budget that says two things', '"maxUnavailable":1', '"maxUnavailable":1,"minAvailable":1', 'spec'],
  ],
  [
    'ScaledObject',
    'archiver',
    'broken',
    400,
    'BadRequest',
    ['a field that KEDA does not have', '"maxReplicaCount"', '"maxReplicas"', 'maxReplicas'],
  ],
  [
    'ScaledObject',
    'archiver',
    'broken',
    422,
    'Invalid',
    ['a text where KEDA wants a number', '"minReplicaCount":2', '"minReplicaCount":"two"', 'spec.minReplicaCount'],
  ],
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
  return breakages.flatMap(([kind, name, as, code, reason, change]) => {
    const whole = manifests.find((each) => each.kind === kind && each.metadata.name === name)
    if (whole === undefined) return []
    const renamed = { ...whole, metadata: { ...whole.metadata, name: as } }
    return [broken(renamed, 'manifest', change, { code, reason })]
  })
}

/** Pods out of these manifests that may not run in our namespace. */
export function brokenPods(manifests: readonly Manifest[]): Broken[] {
  const gateway = barePods(manifests).find(({ metadata }) => metadata.name.startsWith('gateway'))
  if (gateway === undefined) throw new Error('there is no gateway')
  return forbidden.map((change) => broken(gateway, 'pod', change, { code: 403, reason: 'Forbidden' }))
}

function broken(
  whole: Resource,
  as: Broken['as'],
  [what, good, bad, names]: Change,
  refusal: Omit<Refusal, 'names'>,
): Broken {
  const json = JSON.stringify(whole)
  if (json.replace(good, '') === json)
    throw new Error(`${whole.kind} ${whole.metadata.name} has no ${String(good)} to break`)
  return { what, as, resource: JSON.parse(json.replace(good, bad)) as Resource, refusal: { ...refusal, names } }
}
