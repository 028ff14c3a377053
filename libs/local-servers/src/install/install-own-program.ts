import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

/** A program of this package, written in Go. */
export interface OwnProgram {
  readonly name: string
  /** Where its sources are. */
  readonly folder: string
  readonly oldestGo: string
  /** Arguments of `go build` besides the usual ones. */
  readonly flags: readonly string[]
  /** Whether there is C in it, or in what it uses. */
  readonly hasC: boolean
  /** Said before a build, such as `building … with go, which takes about a minute`. */
  readonly beginning: string
  /** Each package that go says it compiles, where `flags` ask for that. */
  readonly onLine?: () => void
}

const sourceFiles = ['go.mod', 'go.sum', 'main.go']

/** The path of the program in the cache, built from the sources as they are now. @throws WayClosedError */
export async function installOwnProgram(program: OwnProgram, options: InstallOptions): Promise<string> {
  const digest = createHash('sha256')
  for (const file of sourceFiles) digest.update(await readFile(join(program.folder, file)))
  const name = `${program.name}-${digest.digest('hex').slice(0, 12)}`
  return join(await installOnce(name, (folder) => build(folder, program, options), options), program.name)
}

async function build(folder: string, program: OwnProgram, { signal, onProgress }: InstallOptions): Promise<void> {
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', `Install Go ${program.oldestGo} or newer`)
  onProgress?.(program.beginning)
  const flags = [...program.flags, '-trimpath', '-ldflags', '-s -w', '-o', join(folder, program.name)]
  const env = { ...process.env, CGO_ENABLED: program.hasC ? '1' : '0' }
  const { onLine } = program
  try {
    await runCommand('go', ['build', '-C', program.folder, ...flags, '.'], { env, signal, ...(onLine && { onLine }) })
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    const advice = `See what go says: is its module proxy reachable${program.hasC ? ', is there a C compiler' : ''}?`
    throw new WayClosedError(error.message, advice, error)
  }
}
