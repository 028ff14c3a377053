import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { versions } from '../versions.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { schemasOfApi, schemasOfCustomResource } from './kubernetes-schemas.ts'
import type { CustomResourceDefinition, OpenApi } from './kubernetes-schemas.ts'

/** Goes up whenever what is made here changes: the cache keeps what was made before. */
const recipe = 2

const kubernetes = `k8s.io/kubernetes@v${versions.kubernetes}`
const apiFile = join('api', 'openapi-spec', 'swagger.json')

/** Modules with definitions of resources of their own, and their files. */
const customResources = [
  {
    module: `github.com/kedacore/keda/v2@v${versions.keda}`,
    files: [join('config', 'crd', 'bases', 'keda.sh_scaledobjects.yaml')],
  },
]

/**
 * A folder of the cache with the JSON schemas of Kubernetes, and of KEDA, made out of the definitions in their Go modules.
 * @throws WayClosedError
 */
export function installKubernetesSchemas(options: InstallOptions): Promise<string> {
  const { kubernetes: version, keda } = versions
  return installOnce(`kubernetes-schemas-${version}-keda-${keda}-${recipe}`, (folder) => make(folder, options), options)
}

async function make(folder: string, options: InstallOptions): Promise<void> {
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', 'Install Go 1.26 or newer')
  options.onProgress?.(`fetching the definitions of Kubernetes ${versions.kubernetes} with go`)
  const api = JSON.parse(await readFile(join(await fetchModule(kubernetes, options), apiFile), 'utf8')) as OpenApi
  const schemas = schemasOfApi(api)
  for (const { module, files } of customResources) {
    const source = await fetchModule(module, options)
    for (const file of files) {
      const definition = parse(await readFile(join(source, file), 'utf8')) as CustomResourceDefinition
      for (const [name, schema] of schemasOfCustomResource(definition)) schemas.set(name, schema)
    }
  }
  for (const [name, schema] of schemas) await writeFile(join(folder, name), JSON.stringify(schema))
}

/** The folder of a module's sources. It belongs to no module of ours, so go is asked outside of one. */
async function fetchModule(module: string, { signal }: InstallOptions): Promise<string> {
  try {
    const env = { ...process.env, GO111MODULE: 'on', GOFLAGS: '' }
    const lines = await runCommand('go', ['mod', 'download', '-json', module], { env, signal })
    return (JSON.parse(lines.join('\n')) as { Dir: string }).Dir
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    throw new WayClosedError(error.message, 'See what go says: is its module proxy reachable?', error)
  }
}
