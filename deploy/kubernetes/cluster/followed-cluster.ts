import type { Manifest } from '../testing/manifest.ts'
import { wantedReplicas } from './deployed-overlay.ts'
import { Followed } from './followed.ts'
import { pods as podKind } from './kubernetes-api.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import { appOf, isAvailable } from './resource.ts'
import type { Budget, Claim, Pod, Resource, Workload } from './resource.ts'

/** What changes while an overlay runs. */
export class FollowedCluster implements AsyncDisposable {
  readonly pods: Followed<Pod>
  readonly deployments: Followed<Workload>
  readonly sets: Followed<Workload>
  readonly claims: Followed<Claim>
  readonly budgets: Followed<Budget>

  static async begin(api: KubernetesApi): Promise<FollowedCluster> {
    return new FollowedCluster(
      await Followed.begin(api, podKind),
      await Followed.begin(api, { apiVersion: 'apps/v1', kind: 'Deployment' }),
      await Followed.begin(api, { apiVersion: 'apps/v1', kind: 'StatefulSet' }),
      await Followed.begin(api, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
      await Followed.begin(api, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }),
    )
  }

  private constructor(
    pods: Followed<Pod>,
    deployments: Followed<Workload>,
    sets: Followed<Workload>,
    claims: Followed<Claim>,
    budgets: Followed<Budget>,
  ) {
    this.pods = pods
    this.deployments = deployments
    this.sets = sets
    this.claims = claims
    this.budgets = budgets
  }

  /** Waits until a change that the server has taken is seen here: what was before it may look the same. @throws NotReachedError */
  async untilSeen({ kind, metadata: { name, generation = 0 } }: Resource): Promise<void> {
    const followed = kind === 'Deployment' ? this.deployments : this.sets
    await followed.until(`the new ${name} is seen`, () => (followed.get(name)?.metadata.generation ?? -1) >= generation)
  }

  /** Waits until every workload has all its pods, of its newest template. @throws NotReachedError */
  async untilReached(manifests: readonly Manifest[]): Promise<void> {
    for (const [name, replicas] of wantedReplicas(manifests)) await this.untilReplicas(name, replicas)
  }

  /** Waits until a workload has so many pods, all of its newest template and available. @throws NotReachedError */
  async untilReplicas(name: string, replicas: number): Promise<void> {
    const followed = this.deployments.get(name) === undefined ? this.sets : this.deployments
    await followed.until(`${name} says that it has its ${replicas} pods`, (items) =>
      items.some((item) => item.metadata.name === name && hasReached(item, replicas)),
    )
    await this.pods.until(`${name} has its ${replicas} pods, and none besides`, (pods) => {
      const own = pods.filter((pod) => appOf(pod) === name)
      return own.length === replicas && own.every(isAvailable)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [this.pods, this.deployments, this.sets, this.claims, this.budgets]
    await Promise.all(all.map((each) => each[Symbol.asyncDispose]()))
  }
}

function hasReached({ metadata, spec, status }: Workload, replicas: number): boolean {
  const counts = [spec?.replicas, status?.replicas, status?.updatedReplicas, status?.availableReplicas ?? 0]
  return metadata.generation === status?.observedGeneration && counts.every((count) => count === replicas)
}
