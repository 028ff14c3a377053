import { join } from 'node:path'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { versions } from '../versions.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

const module = 'github.com/docker/compose/v2'
const program = 'docker-compose'

/** The path of Docker Compose in the cache, which runs by itself and as a plugin of docker. @throws WayClosedError */
export async function installCompose(options: InstallOptions): Promise<string> {
  const make = (folder: string): Promise<void> => build(join(folder, program), options)
  return join(await installOnce(`${program}-${versions.compose}`, make, options), program)
}

/** `go install` refuses a module that excludes versions of others, so it is built where go has put it. */
async function build(output: string, { signal, onProgress }: InstallOptions): Promise<void> {
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', 'Install Go 1.26 or newer')
  onProgress?.(`building Docker Compose ${versions.compose} with go, which takes six minutes the first time`)
  const version = `v${versions.compose}`
  const flags = ['-trimpath', '-ldflags', `-s -w -X ${module}/internal.Version=${version}`, '-o', output]
  const env = { ...process.env, CGO_ENABLED: '0' }
  try {
    const downloaded = await runCommand('go', ['mod', 'download', '-json', `${module}@${version}`], { env, signal })
    const { Dir: folder } = JSON.parse(downloaded.join('\n')) as { Dir: string }
    await runCommand('go', ['build', '-C', folder, ...flags, './cmd'], { env, signal })
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    throw new WayClosedError(error.message, 'See what go says: is its module proxy reachable?', error)
  }
}
