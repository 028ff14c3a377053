import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions } from '../install/install-options.ts'
import type { LocalServer } from '../local-server.ts'
import { openLocalServer } from '../open-local-server.ts'
import { spawnSupervised } from '../processes/spawn-supervised.ts'
import { lockFileName, outputFileName } from '../server-program.ts'

/** One process of a cluster. */
export interface Component {
  /** `kube-apiserver`, which is the name of its folder in the cluster's as well. */
  readonly name: string
  readonly scheme: 'http' | 'https'
  readonly program: string
  args(port: number, folder: string): Promise<readonly string[]> | readonly string[]
  readonly env?: Readonly<Record<string, string>>
  answers(port: number): Promise<boolean>
}

/** Starts it and waits until it answers. @throws ServerStartError; the signal's reason */
export function runComponent(
  component: Component,
  cluster: { readonly folder: string; readonly origin: string },
  options: InstallOptions,
): Promise<LocalServer> {
  const { name, scheme, program, env } = component
  return openLocalServer(
    { name, scheme, answers: (port) => component.answers(port) },
    {
      origin: `${name} of ${cluster.origin}`,
      async launch({ folder, port }) {
        await using output = await open(join(folder, outputFileName), 'a')
        return spawnSupervised(program, await component.args(port, folder), {
          outputFile: output.fd,
          lockFile: join(folder, lockFileName),
          env: { ...process.env, ...env },
        })
      },
    },
    { ...options, folder: join(cluster.folder, name) },
  )
}
