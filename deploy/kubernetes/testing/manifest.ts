/** A resource of Kubernetes, as far as the tests look into it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: Spec
  readonly data?: Readonly<Record<string, string>>
}

export interface Spec {
  readonly replicas?: number
  readonly selector?: Labels & { readonly matchLabels?: Labels }
  readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
  readonly type?: string
  readonly ports?: readonly Readonly<Record<string, string | number>>[]
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
  readonly [other: string]: unknown
}

type Labels = Readonly<Record<string, string>>

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly terminationGracePeriodSeconds?: number
  readonly enableServiceLinks?: boolean
  readonly automountServiceAccountToken?: boolean
  readonly securityContext?: PodSecurity
  readonly volumes?: readonly Volume[]
}

interface PodSecurity {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly fsGroup?: number
}

/** What a pod mounts beside its claims. */
export interface Volume {
  readonly name: string
  readonly emptyDir?: { readonly sizeLimit: string }
  readonly configMap?: { readonly name: string }
  readonly secret?: { readonly secretName: string; readonly defaultMode?: number }
  readonly persistentVolumeClaim?: { readonly claimName: string }
}

interface ContainerSecurity {
  readonly allowPrivilegeEscalation?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly capabilities?: { readonly drop?: readonly string[] }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels }
  readonly securityContext?: ContainerSecurity
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } }
  readonly startupProbe?: Probe
  readonly readinessProbe?: object
  readonly livenessProbe?: object
}

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string }
  readonly tcpSocket?: { readonly port: string }
}

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name: string; readonly key: string }
    readonly secretKeyRef?: { readonly name: string; readonly key: string }
    readonly fieldRef?: { readonly fieldPath: string }
  }
}

/** What runs pods. */
export function workloadsIn(manifests: readonly Manifest[]): (Manifest & { readonly pod: PodSpec })[] {
  return manifests.flatMap((each) => (each.spec?.template ? [{ ...each, pod: each.spec.template.spec }] : []))
}

/** All containers of a pod, those that come before the others too. */
export function containersOf({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers]
}

/** Whether a container runs a program of ours. */
export function isOurs({ image }: Container): boolean {
  return image.startsWith('annals:')
}

/** The names that labels select by. */
export function appName(labels: Labels | undefined): string | undefined {
  return labels?.['app.kubernetes.io/name']
}
