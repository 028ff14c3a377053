import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

const module = fileURLToPath(new URL('../../jaeger/', import.meta.url))
const moduleFiles = ['go.mod', 'go.sum']
const program = 'jaeger-all-in-one'

/** The path of a Jaeger in the cache, which keeps traces in memory and has no page. @throws WayClosedError */
export async function installJaeger(options: InstallOptions): Promise<string> {
  const digest = createHash('sha256')
  for (const file of moduleFiles) digest.update(await readFile(join(module, file)))
  const name = `${program}-${digest.digest('hex').slice(0, 12)}`
  return join(await installOnce(name, (folder) => build(folder, options), options), program)
}

async function build(folder: string, { signal, onProgress }: InstallOptions): Promise<void> {
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', 'Install Go 1.26 or newer')
  onProgress?.('building a Jaeger with go, which takes six minutes the first time')
  // A copy, as go writes into it.
  const copy = join(folder, 'module')
  await mkdir(copy)
  for (const file of moduleFiles) await copyFile(join(module, file), join(copy, file))
  const flags = ['-mod=mod', '-trimpath', '-ldflags', '-s -w', '-o', join(folder, program)]
  const env = { ...process.env, CGO_ENABLED: '0' }
  try {
    await runCommand('go', ['build', '-C', copy, ...flags, 'github.com/jaegertracing/jaeger/cmd/all-in-one'], {
      env,
      signal,
    })
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    throw new WayClosedError(error.message, 'See what go says: is its module proxy reachable?', error)
  }
  await rm(copy, { recursive: true })
}
