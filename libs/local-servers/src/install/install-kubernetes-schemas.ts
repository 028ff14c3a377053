import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { versions } from '../versions.ts'
import { fetchGoModule } from './fetch-go-module.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { schemasOfApi, schemasOfCustomResource } from './kubernetes-schemas.ts'
import type { OpenApi } from './kubernetes-schemas.ts'
import { readCustomResources } from './read-custom-resources.ts'

/** Goes up whenever what is made here changes: the cache keeps what was made before. */
const recipe = 2

const kubernetes = `k8s.io/kubernetes@v${versions.kubernetes}`
const apiFile = join('api', 'openapi-spec', 'swagger.json')

/**
 * A folder of the cache with the JSON schemas of Kubernetes, and of KEDA, made out of the definitions in their Go modules.
 * @throws WayClosedError
 */
export function installKubernetesSchemas(options: InstallOptions): Promise<string> {
  const { kubernetes: version, keda } = versions
  return installOnce(`kubernetes-schemas-${version}-keda-${keda}-${recipe}`, (folder) => make(folder, options), options)
}

async function make(folder: string, options: InstallOptions): Promise<void> {
  options.onProgress?.(`fetching the definitions of Kubernetes ${versions.kubernetes} with go`)
  const api = JSON.parse(await readFile(join(await fetchGoModule(kubernetes, options), apiFile), 'utf8')) as OpenApi
  const schemas = schemasOfApi(api)
  for (const definition of await readCustomResources(options))
    for (const [name, schema] of schemasOfCustomResource(definition)) schemas.set(name, schema)
  for (const [name, schema] of schemas) await writeFile(join(folder, name), JSON.stringify(schema))
}
