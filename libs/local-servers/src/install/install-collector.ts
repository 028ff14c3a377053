import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { versions } from '../versions.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'
import { runGo } from './run-go.ts'

const manifestFile = fileURLToPath(new URL('../../otel-collector/manifest.yaml', import.meta.url))
const program = 'otelcol-annals'

/** The path of an OpenTelemetry Collector in the cache, with the parts that its manifest names. @throws WayClosedError */
export async function installCollector(options: InstallOptions): Promise<string> {
  const manifest = await readFile(manifestFile, 'utf8')
  const digest = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  return join(await installOnce(`${program}-${digest}`, (folder) => build(folder, manifest, options), options), program)
}

async function build(folder: string, manifest: string, options: InstallOptions): Promise<void> {
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${versions.collector}`
  const file = join(folder, 'manifest.yaml')
  const output = join(folder, 'out')
  await writeFile(file, manifest.replace(/^( +output_path:).*$/m, `$1 ${output}`))
  const beginning = 'building an OpenTelemetry Collector with go, which takes four minutes the first time'
  await runGo({ args: ['run', builder, `--config=${file}`], beginning }, options)
  await rename(join(output, program), join(folder, program))
  await rm(output, { recursive: true })
}
