import { findProgram } from './find-program.ts'
import type { InstallOptions } from './install/install-options.ts'
import { installKubeconform, installKustomize } from './install/install-go-programs.ts'
import { installKubernetesSchemas } from './install/install-kubernetes-schemas.ts'
import { installPodSecurity } from './install/install-pod-security.ts'

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
export function openKubernetesTools(options: InstallOptions = {}): Promise<KubernetesTools> {
  return findProgram('Kubernetes tools', [{ name: 'the cache', find: () => fromCache(options) }])
}

async function fromCache(options: InstallOptions): Promise<KubernetesTools> {
  // One after the other: several builds at once would take as long.
  const kustomize = await installKustomize(options)
  const kubeconform = await installKubeconform(options)
  const podSecurity = await installPodSecurity(options)
  return { kustomize, kubeconform, podSecurity, schemas: await installKubernetesSchemas(options) }
}
