import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { runGo, smallBuild } from './run-go.ts'

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

async function build(folder: string, program: OwnProgram, options: InstallOptions): Promise<void> {
  const flags = [...program.flags, ...smallBuild, '-o', join(folder, program.name)]
  await runGo({ ...program, args: ['build', '-C', program.folder, ...flags, '.'] }, options)
}
