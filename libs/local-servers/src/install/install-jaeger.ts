import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installModuleTools } from './install-module-tools.ts'
import type { InstallOptions } from './install-options.ts'

const program = 'jaeger-all-in-one'

/** The path of a Jaeger in the cache, which keeps traces in memory and has no page. @throws WayClosedError */
export async function installJaeger(options: InstallOptions): Promise<string> {
  const folder = await installModuleTools(
    {
      name: program,
      folder: fileURLToPath(new URL('../../jaeger/', import.meta.url)),
      programs: { [program]: 'github.com/jaegertracing/jaeger/cmd/all-in-one' },
      takes: 'takes six minutes the first time',
    },
    options,
  )
  return join(folder, program)
}
