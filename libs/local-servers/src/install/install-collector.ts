import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { versions } from '../versions.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

const manifestFile = fileURLToPath(new URL('../../otel-collector/manifest.yaml', import.meta.url))
const program = 'otelcol-annals'

/** The path of an OpenTelemetry Collector in the cache, with the parts that its manifest names. @throws WayClosedError */
export async function installCollector(options: InstallOptions): Promise<string> {
  const manifest = await readFile(manifestFile, 'utf8')
  const digest = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  return join(await installOnce(`${program}-${digest}`, (folder) => build(folder, manifest, options), options), program)
}

async function build(folder: string, manifest: string, { signal, onProgress }: InstallOptions): Promise<void> {
  if ((await askProgram('go', 'version')) === undefined)
    throw new WayClosedError('go is not on the PATH', 'Install Go 1.26 or newer')
  onProgress?.('building an OpenTelemetry Collector with go, which takes four minutes the first time')
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${versions.collector}`
  const file = join(folder, 'manifest.yaml')
  const output = join(folder, 'out')
  await writeFile(file, manifest.replace(/^( +output_path:).*$/m, `$1 ${output}`))
  const env = { ...process.env, CGO_ENABLED: '0' }
  try {
    await runCommand('go', ['run', builder, `--config=${file}`], { env, signal })
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    throw new WayClosedError(error.message, 'See what go says: is its module proxy reachable?', error)
  }
  await rename(join(output, program), join(folder, program))
  await rm(output, { recursive: true })
}
