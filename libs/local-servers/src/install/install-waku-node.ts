import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

const sources = fileURLToPath(new URL('../../waku-node/', import.meta.url))
const sourceFiles = ['go.mod', 'go.sum', 'main.go']
const program = 'waku-node'
/** Packages that a build from nothing compiles, in order to say how far it is. */
const roughlyPackages = 1_000
const saidEveryPackages = 100

/** The path of the Waku node of this package in the cache, built from the sources as they are now. @throws WayClosedError */
export async function installWakuNode(options: InstallOptions): Promise<string> {
  const digest = createHash('sha256')
  for (const file of sourceFiles) digest.update(await readFile(join(sources, file)))
  const name = `${program}-${digest.digest('hex').slice(0, 12)}`
  return join(await installOnce(name, (folder) => build(folder, options), options), program)
}

async function build(folder: string, { signal, onProgress = () => {} }: InstallOptions): Promise<void> {
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', 'Install Go 1.24 or newer')
  onProgress('building a Waku node with go, which takes four to six minutes the first time')
  let packages = 0
  const onLine = (): void => {
    packages += 1
    if (packages % saidEveryPackages === 0) onProgress(`building a Waku node: ${packages} of about ${roughlyPackages}`)
  }
  const flags = ['-v', '-tags', 'gowaku_no_rln', '-trimpath', '-ldflags', '-s -w']
  // SQLite and secp256k1 are C.
  const env = { ...process.env, CGO_ENABLED: '1' }
  try {
    await runCommand('go', ['build', '-C', sources, ...flags, '-o', join(folder, program), '.'], {
      env,
      signal,
      onLine,
    })
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    const advice = 'See what go says: is its module proxy reachable, is there a C compiler?'
    throw new WayClosedError(error.message, advice, error)
  }
}
