import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { versions } from '../versions.ts'
import { fetchGoModule } from './fetch-go-module.ts'
import type { InstallOptions } from './install-options.ts'

/** At once ready, at once gone; a volume for each claim that asks for one. */
const files = [
  'node/fast/node-initialize',
  'node/heartbeat-with-lease/node-heartbeat-with-lease',
  'pod/fast/pod-ready',
  'pod/fast/pod-complete',
  'pod/fast/pod-delete',
  'volume/fast/pvc-provision',
  'volume/fast/pvc-delete',
  'volume/fast/pv-bind',
  'volume/fast/pv-delete',
]

/** What kwok does with nodes, pods and volumes, as YAML, as its own module has it. @throws WayClosedError */
export async function readKwokStages(options: InstallOptions): Promise<string> {
  const folder = join(await fetchGoModule(`sigs.k8s.io/kwok@v${versions.kwok}`, options), 'kustomize', 'stage')
  const stages = await Promise.all(files.map((file) => readFile(join(folder, `${file}.yaml`), 'utf8')))
  return stages.join('---\n')
}
