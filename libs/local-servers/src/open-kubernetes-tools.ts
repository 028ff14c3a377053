import { ServerUnavailableError, WayClosedError } from './errors.ts'
import { installKubeconform, installKustomize } from './install/install-go-programs.ts'
import { installKubernetesSchemas } from './install/install-kubernetes-schemas.ts'
import { installPodSecurity } from './install/install-pod-security.ts'
import type { StartOptions } from './local-server.ts'

/** What manifests are built and checked with, without a cluster. */
export interface KubernetesTools {
  /** Paths of programs. */
  readonly kustomize: string
  readonly kubeconform: string
  /** Reads manifests and writes a line of JSON for each workload: whether Pod Security lets its pods in. */
  readonly podSecurity: string
  /** A folder of strict JSON schemas in the form `{{.ResourceKind}}{{.KindSuffix}}.json`. */
  readonly schemas: string
}

/**
 * Gets what is needed to check manifests, at the pinned versions: the same text out of any other version is not promised.
 * @throws ServerUnavailableError where they cannot be had on this machine
 */
export async function openKubernetesTools(
  options: Pick<StartOptions, 'signal' | 'onProgress'> = {},
): Promise<KubernetesTools> {
  try {
    // One after the other: several builds at once would take as long.
    const kustomize = await installKustomize(options)
    const kubeconform = await installKubeconform(options)
    const podSecurity = await installPodSecurity(options)
    return { kustomize, kubeconform, podSecurity, schemas: await installKubernetesSchemas(options) }
  } catch (error) {
    if (!(error instanceof WayClosedError)) throw error
    const way = { way: 'the cache', reason: error.reason, advice: error.advice }
    throw new ServerUnavailableError('Kubernetes tools', [way], [error])
  }
}
