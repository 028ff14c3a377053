import { workloadsIn } from '../testing/manifest.ts'
import type { Manifest } from '../testing/manifest.ts'
import { manifestsIn } from '../testing/overlays.ts'
import type { Overlay } from '../testing/overlays.ts'
import type { KubernetesApi } from './kubernetes-api.ts'

/** An overlay on a cluster. */
export interface DeployedOverlay {
  readonly api: KubernetesApi
  readonly overlay: Overlay
  /** As kustomize writes it. */
  readonly text: string
  readonly manifests: readonly Manifest[]
  readonly say: (line: string) => void
}

/** The manifests with another version of our image. */
export function withTag(text: string, tag: string): Manifest[] {
  return manifestsIn(text.replaceAll(/(image: annals):[\w.]+/g, `$1:${tag}`))
}

/** How many pods of each workload there are to be: KEDA says so of those that it scales. */
export function wantedReplicas(manifests: readonly Manifest[]): Map<string, number> {
  const scaled = scaledObjects(manifests)
  return new Map(
    workloadsIn(manifests).map(({ metadata, spec }) => [
      metadata.name,
      scaled.get(metadata.name) ?? spec?.replicas ?? 1,
    ]),
  )
}

/** What KEDA scales, and the least number of pods. */
export function scaledObjects(manifests: readonly Manifest[]): Map<string, number> {
  const found = manifests.filter(({ kind }) => kind === 'ScaledObject')
  return new Map(
    found.map(({ spec }) => {
      const target = spec?.['scaleTargetRef'] as { readonly name: string }
      return [target.name, Number(spec?.['minReplicaCount'])]
    }),
  )
}

/** The workload of this name. */
export function workload(manifests: readonly Manifest[], name: string): ReturnType<typeof workloadsIn>[number] {
  const found = workloadsIn(manifests).find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new Error(`there is no workload ${name}`)
  return found
}
