import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { versions } from '../versions.ts'
import { fetchGoModule } from './fetch-go-module.ts'
import type { InstallOptions } from './install-options.ts'

interface Stage {
  readonly spec: object
}

/** At once ready; a volume for each claim that asks for one. */
const files = [
  'node/fast/node-initialize',
  'node/heartbeat-with-lease/node-heartbeat-with-lease',
  'pod/fast/pod-ready',
  'pod/fast/pod-complete',
  'volume/fast/pvc-provision',
  'volume/fast/pvc-delete',
  'volume/fast/pv-bind',
  'volume/fast/pv-delete',
]
const removal = 'pod/fast/pod-delete'

/**
 * kwok removes a pod by its name, once for each change of one that is to go. Of two changes the second removal would be of
 * the pod that has come in its place, were there not this time, within which one is given up for the other, or for the pod's end.
 */
const removalMilliseconds = 1_000

/** What kwok does with nodes, pods and volumes, as YAML, as its own module has it. @throws WayClosedError */
export async function readKwokStages(options: InstallOptions): Promise<string> {
  const folder = join(await fetchGoModule(`sigs.k8s.io/kwok@v${versions.kwok}`, options), 'kustomize', 'stage')
  const read = (file: string): Promise<string> => readFile(join(folder, `${file}.yaml`), 'utf8')
  const stages = await Promise.all(files.map(read))
  const remove = parse(await read(removal)) as Stage
  const delay = { durationMilliseconds: removalMilliseconds }
  return [...stages, stringify({ ...remove, spec: { ...remove.spec, delay } })].join('---\n')
}
