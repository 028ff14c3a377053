import { join } from 'node:path'
import { versions } from '../versions.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { runGo, smallBuild } from './run-go.ts'

/** The path of a nats-server in the cache. @throws WayClosedError */
export function installNatsServer(options: InstallOptions): Promise<string> {
  const { natsServer } = versions
  return goInstall('nats-server', natsServer, `github.com/nats-io/nats-server/v2@v${natsServer}`, options)
}

/** The path of FerretDB in the cache. @throws WayClosedError */
export function installFerretDb(options: InstallOptions): Promise<string> {
  const { ferretdb } = versions
  return goInstall('ferretdb', ferretdb, `github.com/FerretDB/FerretDB/v2/cmd/ferretdb@v${ferretdb}`, options)
}

/** The path of kustomize in the cache. @throws WayClosedError */
export function installKustomize(options: InstallOptions): Promise<string> {
  const { kustomize } = versions
  return goInstall('kustomize', kustomize, `sigs.k8s.io/kustomize/kustomize/v5@v${kustomize}`, options)
}

/** The path of kubeconform in the cache. @throws WayClosedError */
export function installKubeconform(options: InstallOptions): Promise<string> {
  const { kubeconform } = versions
  return goInstall('kubeconform', kubeconform, `github.com/yannh/kubeconform/cmd/kubeconform@v${kubeconform}`, options)
}

/** The path of kwok in the cache, which plays the part of nodes. @throws WayClosedError */
export function installKwok(options: InstallOptions): Promise<string> {
  const { kwok } = versions
  return goInstall('kwok', kwok, `sigs.k8s.io/kwok/cmd/kwok@v${kwok}`, options)
}

async function goInstall(program: string, version: string, module: string, options: InstallOptions): Promise<string> {
  const make = async (folder: string): Promise<void> => {
    const args = ['install', ...smallBuild, module]
    const beginning = `building ${program} ${version} with go, which takes about a minute`
    await runGo({ args, beginning, env: { GOBIN: folder } }, options)
  }
  return join(await installOnce(`${program}-${version}`, make, options), program)
}
