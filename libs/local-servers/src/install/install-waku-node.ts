import { fileURLToPath } from 'node:url'
import type { InstallOptions } from './install-options.ts'
import { installOwnProgram } from './install-own-program.ts'

/** Packages that a build from nothing compiles, in order to say how far it is. */
const roughlyPackages = 1_000
const saidEveryPackages = 100

/** The path of the Waku node of this package in the cache, built from the sources as they are now. @throws WayClosedError */
export function installWakuNode(options: InstallOptions): Promise<string> {
  let packages = 0
  return installOwnProgram(
    {
      name: 'waku-node',
      folder: fileURLToPath(new URL('../../waku-node/', import.meta.url)),
      oldestGo: '1.24',
      flags: ['-v', '-tags', 'gowaku_no_rln'],
      // SQLite and secp256k1 are C.
      hasC: true,
      beginning: 'building a Waku node with go, which takes four to six minutes the first time',
      onLine: () => {
        packages += 1
        if (packages % saidEveryPackages === 0)
          options.onProgress?.(`building a Waku node: ${packages} of about ${roughlyPackages}`)
      },
    },
    options,
  )
}
