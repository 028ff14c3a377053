import { join } from 'node:path'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { versions } from '../versions.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

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

async function goInstall(program: string, version: string, module: string, options: InstallOptions): Promise<string> {
  const make = async (folder: string): Promise<void> => {
    if ((await askProgram('go', 'version')) === undefined)
      throw new WayClosedError('go is not on the PATH', 'Install Go 1.26 or newer')
    options.onProgress?.(`building ${program} ${version} with go, which takes about a minute`)
    const env = { ...process.env, GOBIN: folder, CGO_ENABLED: '0' }
    try {
      await runCommand('go', ['install', '-trimpath', '-ldflags', '-s -w', module], { env, signal: options.signal })
    } catch (error) {
      if (!(error instanceof CommandFailedError)) throw error
      throw new WayClosedError(
        error.message,
        'See what go says: is its module proxy reachable, is go new enough?',
        error,
      )
    }
  }
  return join(await installOnce(`${program}-${version}`, make, options), program)
}
