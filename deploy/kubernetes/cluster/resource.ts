/** A resource as the API server answers it, as far as it is read here. */
export interface Resource<Spec = unknown, Status = unknown> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly spec?: Spec
  readonly status?: Status
}

interface Metadata {
  readonly name: string
  readonly uid?: string
  readonly generation?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly deletionTimestamp?: string
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

interface HasConditions {
  readonly conditions?: readonly Condition[]
}

export type Pod = Resource<{ readonly nodeName?: string }, HasConditions>
export type Budget = Resource<unknown, BudgetStatus>
export type Claim = Resource<{ readonly volumeName?: string }, { readonly phase?: string }>
/** A Deployment or a StatefulSet. */
export type Workload = Resource<{ readonly replicas: number }, WorkloadStatus>

export interface BudgetStatus {
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
}

interface WorkloadStatus extends HasConditions {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
}

export interface EndpointSlice extends Resource {
  readonly endpoints: readonly { readonly conditions: { readonly ready?: boolean } }[] | null
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: string }[] | null
}

export function condition(resource: Resource<unknown, HasConditions>, type: string): Condition | undefined {
  return resource.status?.conditions?.find((each) => each.type === type)
}

/** Whether clients are sent to it. */
export function isAvailable(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && condition(pod, 'Ready')?.status === 'True'
}

/** What the resource belongs to: `gateway`. */
export function appOf(resource: Resource): string {
  return resource.metadata.labels?.['app.kubernetes.io/name'] ?? ''
}
