import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalServer, StartOptions } from './local-server.ts'
import { openLocalServer } from './open-local-server.ts'
import { openPrometheusTools } from './open-prometheus-tools.ts'
import { spawnSupervised } from './processes/spawn-supervised.ts'
import { responds } from './responds.ts'
import { lockFileName, outputFileName } from './server-program.ts'
import type { Launch, RunningServer, ServerKind } from './server-program.ts'

export interface StartPrometheusOptions extends Omit<StartOptions, 'address'> {
  /** `host:port` of what it fetches metrics from, at `/metrics`. */
  readonly targets: readonly string[]
  /** Between two fetches. */
  readonly scrapeMilliseconds: number
}

const kind: ServerKind = {
  name: 'Prometheus',
  scheme: 'http',
  answers: (port) => responds(`http://127.0.0.1:${port}/-/ready`),
}

/**
 * Starts a Prometheus on loopback. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError; the signal's reason
 */
export async function startPrometheus(options: StartPrometheusOptions): Promise<LocalServer> {
  const { origin, prometheus } = await openPrometheusTools(options)
  const launch = (launch: Launch): Promise<RunningServer> => run(prometheus, options, launch)
  return openLocalServer(kind, { origin, launch }, options)
}

async function run(
  program: string,
  { targets, scrapeMilliseconds }: StartPrometheusOptions,
  { folder, port }: Launch,
): Promise<RunningServer> {
  const file = join(folder, 'prometheus.yaml')
  // As JSON, which is YAML. Who tells a metric is who told it to the Collector, not the Collector.
  const scrape = { job_name: 'local', honor_labels: true, static_configs: [{ targets }] }
  const interval = `${scrapeMilliseconds}ms`
  const global = { scrape_interval: interval, scrape_timeout: interval }
  await writeFile(file, JSON.stringify({ global, scrape_configs: [scrape] }))
  await using output = await open(join(folder, outputFileName), 'a')
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  return spawnSupervised(program, args, { outputFile: output.fd, lockFile: join(folder, lockFileName) })
}
