import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { runGo } from './run-go.ts'

/** Programs of others, whose modules a module of this package pins. */
export interface ModuleTools {
  /** What the folder of the cache is called, without the digest of what pins. */
  readonly name: string
  /** Where `go.mod` and `go.sum` are. */
  readonly folder: string
  /** The package of each program. */
  readonly programs: Readonly<Record<string, string>>
  /** For the linker, besides what leaves out what only a debugger reads. */
  readonly linkerFlags?: string
  /** Said of each program before it is built, after its name: `takes six minutes the first time`. */
  readonly takes: string
}

/** A folder of the cache with the programs, built one after the other. @throws WayClosedError */
export async function installModuleTools(tools: ModuleTools, options: InstallOptions): Promise<string> {
  const digest = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) digest.update(await readFile(join(tools.folder, file)))
  const name = `${tools.name}-${digest.digest('hex').slice(0, 12)}`
  return installOnce(name, (folder) => build(folder, tools, options), options)
}

async function build(folder: string, tools: ModuleTools, options: InstallOptions): Promise<void> {
  const flags = ['-mod=readonly', '-trimpath', '-ldflags', `-s -w ${tools.linkerFlags ?? ''}`]
  for (const [program, source] of Object.entries(tools.programs)) {
    const args = ['build', '-C', tools.folder, ...flags, '-o', join(folder, program), source]
    await runGo({ args, beginning: `building ${program} with go, which ${tools.takes}` }, options)
  }
}
