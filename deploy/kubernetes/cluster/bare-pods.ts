import { workloadsIn } from '../testing/manifest.ts'
import type { Manifest, PodSpec } from '../testing/manifest.ts'
import type { Resource } from './resource.ts'

interface ClaimTemplate {
  readonly metadata: { readonly name: string }
}

/** A pod as such, and not of a workload. */
export type BarePod = Resource<PodSpec>

/** The first pod of each workload, as its controller would create it. */
export function barePods(manifests: readonly Manifest[]): BarePod[] {
  return workloadsIn(manifests).map(({ metadata, spec, pod }) => {
    const claims = (spec?.['volumeClaimTemplates'] ?? []) as readonly ClaimTemplate[]
    const volumes = claims.map(({ metadata: { name } }) => ({
      name,
      persistentVolumeClaim: { claimName: `${name}-${metadata.name}-0` },
    }))
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${metadata.name}-bare`, labels: spec?.template?.metadata.labels ?? {} },
      spec: { ...pod, volumes: [...(pod.volumes ?? []), ...volumes] },
    }
  })
}
