import { strict as assert } from 'node:assert'
import { closeNodes, openNodes } from './close-nodes.ts'
import { wantedReplicas } from './deployed-overlay.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import { NotRefusedError, RefusedByApiError } from './errors.ts'
import type { FollowedCluster } from './followed-cluster.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import { appOf, condition, isAvailable } from './resource.ts'
import type { Pod } from './resource.ts'

/**
 * One pod of each service may be sent away at a time, also where there is but one; a second one only once the first is back. What
 * does not work may always go.
 */
export async function checkDisruption(deployed: DeployedOverlay, cluster: FollowedCluster): Promise<void> {
  const { api, overlay, manifests, say } = deployed
  const budgets = cluster.budgets.items.map(({ metadata }) => metadata.name)
  assert.ok(budgets.length > 0)
  await untilAllowed(cluster, budgets, wantedReplicas(manifests))
  say(`${overlay}: ${budgets.length} budgets let one pod go each`)
  // Those that come in their place have to wait, so that one can look.
  await closeNodes(deployed, cluster)
  let refused = 0
  for (const app of budgets) refused += await sendAway(api, cluster, app)
  await openNodes(deployed)
  await untilAllowed(cluster, budgets, wantedReplicas(manifests))
  await cluster.untilReached(manifests)
  say(`${overlay}: of each service one pod was sent away; ${refused} times a second one was asked for and kept`)
}

async function untilAllowed(
  { budgets }: FollowedCluster,
  names: readonly string[],
  replicas: ReadonlyMap<string, number>,
): Promise<void> {
  await budgets.until('every budget lets one pod go', (items) =>
    names.every((name) => {
      const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } =
        items.find(({ metadata }) => metadata.name === name)?.status ?? {}
      const wanted = replicas.get(name) ?? 0
      const found = [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods]
      return [1, wanted, wanted - 1, wanted].every((count, index) => count === found[index])
    }),
  )
}

/** Sends one pod of a service away, and asks for each other one. @returns how many of those were kept */
async function sendAway(api: KubernetesApi, { pods, budgets }: FollowedCluster, app: string): Promise<number> {
  const [first, ...others] = pods.items.filter((pod) => appOf(pod) === app && isAvailable(pod))
  assert.ok(first, app)
  await api.evict(first.metadata.name)
  const isWaiting = (pod: Pod): boolean =>
    appOf(pod) === app && condition(pod, 'PodScheduled')?.reason === 'Unschedulable'
  await pods.until(`a pod of ${app} waits for a node`, (items) => items.some(isWaiting))
  await budgets.until(`the budget of ${app} is used up`, (items) =>
    items.some(({ metadata, status }) => metadata.name === app && status?.disruptionsAllowed === 0),
  )
  for (const { metadata } of others) await beRefused(api, metadata.name)
  const waiting = pods.items.find(isWaiting)
  assert.ok(waiting, app)
  await api.evict(waiting.metadata.name)
  return others.length
}

async function beRefused(api: KubernetesApi, pod: string): Promise<void> {
  try {
    await api.evict(pod)
  } catch (error) {
    if (!(error instanceof RefusedByApiError)) throw error
    const isByBudget = error.code === 429 && error.causes.some(({ reason }) => reason === 'DisruptionBudget')
    if (isByBudget) return
    throw error
  }
  throw new NotRefusedError(`that ${pod} goes while another one is away`)
}
