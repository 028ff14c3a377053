import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { versions } from '../versions.ts'
import { fetchGoModule } from './fetch-go-module.ts'
import type { InstallOptions } from './install-options.ts'
import type { CustomResourceDefinition } from './kubernetes-schemas.ts'

/** Modules with definitions of resources of their own, and their files. */
const sources = [
  {
    module: `github.com/kedacore/keda/v2@v${versions.keda}`,
    files: [join('config', 'crd', 'bases', 'keda.sh_scaledobjects.yaml')],
  },
]

/** The definitions of resources that our manifests use and Kubernetes does not have, as their makers publish them. @throws WayClosedError */
export async function readCustomResources(options: InstallOptions): Promise<CustomResourceDefinition[]> {
  const definitions: CustomResourceDefinition[] = []
  for (const { module, files } of sources) {
    const folder = await fetchGoModule(module, options)
    for (const file of files)
      definitions.push(parse(await readFile(join(folder, file), 'utf8')) as CustomResourceDefinition)
  }
  return definitions
}
