import { fileURLToPath } from 'node:url'
import type { InstallOptions } from './install-options.ts'
import { installOwnProgram } from './install-own-program.ts'

/** The path of the program in the cache that judges pods as Kubernetes' admission does. @throws WayClosedError */
export function installPodSecurity(options: InstallOptions): Promise<string> {
  return installOwnProgram(
    {
      name: 'pod-security',
      folder: fileURLToPath(new URL('../../pod-security/', import.meta.url)),
      oldestGo: '1.26',
      flags: [],
      hasC: false,
      beginning: 'building the judgement of Pod Security with go, which takes about a minute the first time',
    },
    options,
  )
}
