import { join } from 'node:path'
import type { Way } from '../find-program.ts'
import { controlPlanePrograms, installControlPlane } from '../install/install-control-plane.ts'
import { installKwok } from '../install/install-go-programs.ts'
import type { InstallOptions } from '../install/install-options.ts'
import { readKwokStages } from '../install/read-kwok-stages.ts'
import { programOnPath } from '../program-on-path.ts'
import { oldestUsable, versions } from '../versions.ts'

type ProgramName = keyof typeof controlPlanePrograms

/** What a cluster is run with. */
export interface KubernetesPrograms {
  /** `Kubernetes 1.36.3 from the cache`. */
  readonly origin: string
  /** Names or paths of programs. */
  readonly controlPlane: Readonly<Record<ProgramName, string>>
  /** The path of what plays the part of nodes. */
  readonly kwok: string
  /** What kwok does with nodes, pods and volumes: its own stages, as YAML. */
  readonly stages: string
}

const names = Object.keys(controlPlanePrograms) as ProgramName[]

/** Ways to a control plane. kwok comes out of the cache at the version of its stages. */
export function waysToKubernetes(options: InstallOptions): readonly Way<KubernetesPrograms>[] {
  const withNodes = async (origin: string, path: (name: ProgramName) => string): Promise<KubernetesPrograms> => ({
    origin,
    controlPlane: Object.fromEntries(names.map((name) => [name, path(name)])) as Record<ProgramName, string>,
    kwok: await installKwok(options),
    stages: await readKwokStages(options),
  })
  return [
    {
      name: 'programs on the PATH',
      async find() {
        await programOnPath('etcd', ['--version'], oldestUsable.etcd)
        let version = ''
        for (const name of names.filter((each) => each !== 'etcd'))
          version = await programOnPath(name, ['--version'], oldestUsable.kubernetes)
        return withNodes(`Kubernetes ${version} from the PATH`, (name) => name)
      },
    },
    {
      name: 'the cache, filled by go build',
      async find() {
        const folder = await installControlPlane(options)
        return withNodes(`Kubernetes ${versions.kubernetes} from the cache`, (name) => join(folder, name))
      },
    },
  ]
}
