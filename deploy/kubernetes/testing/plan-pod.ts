import { containersOf, workloadsIn, type Container, type Manifest, type Volume } from './manifest.ts'
import { resolveEnvironment } from './resolve-environment.ts'

/** What a container of a pod is run with, in the words of a container engine. */
export interface ContainerPlan {
  /** As the manifest has it. */
  readonly image: string
  readonly entrypoint: readonly string[] | undefined
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** `user:group` */
  readonly user: string
  /** That volumes are given to. */
  readonly group: number
  readonly isRootReadOnly: boolean
  readonly droppedCapabilities: readonly string[]
  readonly mayGainPrivileges: boolean
  readonly mounts: readonly Mount[]
  readonly requests: Resources
  readonly limits: Resources
  readonly graceSeconds: number
  /** Where it is asked whether it has started; a port alone is connected to. */
  readonly startup: { readonly port: number; readonly path: string | undefined } | undefined
}

/** What is seen at a path. */
export interface Mount {
  readonly path: string
  readonly isReadOnly: boolean
  readonly volume:
    | { readonly kind: 'claim'; readonly name: string }
    | { readonly kind: 'empty' }
    | { readonly kind: 'files'; readonly files: Readonly<Record<string, string>> }
    | { readonly kind: 'secret'; readonly name: string; readonly mode: number }
}

interface Resources {
  readonly memoryBytes: number | undefined
  readonly millicores: number | undefined
}

/**
 * The containers of the first pod of a workload by name, those that come before the others too.
 * @param name of a Deployment or a StatefulSet
 */
export function planPod(manifests: readonly Manifest[], name: string): Readonly<Record<string, ContainerPlan>> {
  const workload = workloadsIn(manifests).find(({ metadata }) => metadata.name === name)
  if (workload === undefined) throw new Error(`there is no workload ${name}`)
  const { kind, pod, spec } = workload
  const podName = kind === 'StatefulSet' ? `${name}-0` : `${name}-6d4cf56db6-x2x7k`
  const { runAsUser = 0, runAsGroup = 0, fsGroup = 0 } = pod.securityContext ?? {}
  const claims = (spec?.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name)
  const plan = (container: Container): ContainerPlan => ({
    image: container.image,
    entrypoint: container.command,
    arguments: container.args ?? [],
    environment: resolveEnvironment(container, manifests, podName),
    user: `${runAsUser}:${runAsGroup}`,
    group: fsGroup,
    isRootReadOnly: container.securityContext?.readOnlyRootFilesystem ?? false,
    droppedCapabilities: container.securityContext?.capabilities?.drop ?? [],
    mayGainPrivileges: container.securityContext?.allowPrivilegeEscalation ?? true,
    mounts: (container.volumeMounts ?? []).map(({ name: volume, mountPath, readOnly = false }) => ({
      path: mountPath,
      isReadOnly: readOnly,
      volume: claims.includes(volume)
        ? { kind: 'claim', name: volume }
        : volumeOf(
            pod.volumes?.find((each) => each.name === volume),
            manifests,
          ),
    })),
    requests: resources(container.resources?.requests),
    limits: resources(container.resources?.limits),
    graceSeconds: pod.terminationGracePeriodSeconds ?? 30,
    startup: startupOf(container),
  })
  return Object.fromEntries(containersOf(pod).map((container) => [container.name, plan(container)]))
}

function volumeOf(volume: Volume | undefined, manifests: readonly Manifest[]): Mount['volume'] {
  if (volume?.emptyDir) return { kind: 'empty' }
  if (volume?.secret)
    return { kind: 'secret', name: volume.secret.secretName, mode: volume.secret.defaultMode ?? 0o644 }
  const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === volume?.configMap?.name)
  if (map?.data === undefined) throw new Error(`nothing says what the volume ${volume?.name} is`)
  return { kind: 'files', files: map.data }
}

function startupOf({ startupProbe, ports = [] }: Container): ContainerPlan['startup'] {
  const port = startupProbe?.httpGet?.port ?? startupProbe?.tcpSocket?.port
  const found = ports.find(({ name }) => name === port)
  return found && { port: found.containerPort, path: startupProbe?.httpGet?.path }
}

function resources({ memory, cpu }: Readonly<Record<string, string>> = {}): Resources {
  return {
    memoryBytes: memory === undefined ? undefined : bytesOf(memory),
    millicores: cpu === undefined ? undefined : cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1_000,
  }
}

/** A quantity such as `64Mi`. */
function bytesOf(quantity: string): number {
  const [, number, unit = ''] = /^(\d+)([KMG]i)?$/.exec(quantity) ?? []
  const factor = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 }[unit]
  if (number === undefined || factor === undefined) throw new Error(`${quantity} is no number of bytes`)
  return Number(number) * factor
}
