import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { choosePort } from './choose-port.ts'
import { findProgram } from './find-program.ts'
import type { Way } from './find-program.ts'
import { installCollector } from './install/install-collector.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import { openLocalServer } from './open-local-server.ts'
import { spawnSupervised } from './processes/spawn-supervised.ts'
import { programOnPath } from './program-on-path.ts'
import { responds } from './responds.ts'
import { lockFileName, outputFileName } from './server-program.ts'
import type { Launch, RunningServer, ServerKind } from './server-program.ts'
import { oldestUsable, versions } from './versions.ts'

export interface StartCollectorOptions extends Omit<StartOptions, 'address'> {
  /** `host:port` that traces are handed on to, OTLP over gRPC; nowhere where absent. */
  readonly tracesTo?: string
}

/** An OpenTelemetry Collector; `url` takes OTLP over HTTP. */
export interface CollectorServer extends LocalServer {
  /** `host:port` from which Prometheus fetches metrics. */
  readonly metricsAddress: string
}

const kind: ServerKind = {
  name: 'OpenTelemetry Collector',
  scheme: 'http',
  answers: (port) =>
    responds(`http://127.0.0.1:${port}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }),
}

/**
 * Starts an OpenTelemetry Collector on loopback that hands metrics on to Prometheus, those that it makes of spans among
 * them, and traces to where is said. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError; the signal's reason
 */
export async function startCollector(options: StartCollectorOptions = {}): Promise<CollectorServer> {
  const metricsAddress = `127.0.0.1:${await choosePort()}`
  const program = await findProgram(kind.name, waysTo(metricsAddress, options))
  const server = await openLocalServer(kind, program, options)
  return Object.assign(server, { metricsAddress })
}

function waysTo(metricsAddress: string, options: StartCollectorOptions): readonly Way[] {
  const launch = (program: string) => (launch: Launch) => run(program, metricsAddress, options, launch)
  return [
    {
      name: 'a program on the PATH',
      async find() {
        const version = await programOnPath('otelcol-contrib', ['--version'], oldestUsable.collector)
        return { origin: `otelcol-contrib ${version} from the PATH`, launch: launch('otelcol-contrib') }
      },
    },
    {
      name: "the cache, filled by the Collector's builder",
      async find() {
        const program = await installCollector(options)
        return { origin: `OpenTelemetry Collector ${versions.collector} from the cache`, launch: launch(program) }
      },
    },
  ]
}

async function run(
  program: string,
  metricsAddress: string,
  { tracesTo }: StartCollectorOptions,
  { folder, port }: Launch,
): Promise<RunningServer> {
  const file = join(folder, 'collector.yaml')
  await writeFile(file, JSON.stringify(configuration(port, metricsAddress, tracesTo)))
  await using output = await open(join(folder, outputFileName), 'a')
  return spawnSupervised(program, [`--config=${file}`], {
    outputFile: output.fd,
    lockFile: join(folder, lockFileName),
  })
}

/** Says at once what it is told: tests wait for it. */
function configuration(port: number, metricsAddress: string, tracesTo: string | undefined): unknown {
  const handOn = tracesTo !== undefined && { otlp: { endpoint: tracesTo, tls: { insecure: true } } }
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { batch: { timeout: '200ms' } },
    connectors: { span_metrics: { metrics_flush_interval: '1s', histogram: { unit: 's' } } },
    exporters: { prometheus: { endpoint: metricsAddress }, ...handOn },
    service: {
      // Its own metrics have a port, which it need not open.
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['batch'],
          exporters: ['span_metrics', ...(tracesTo === undefined ? [] : ['otlp'])],
        },
        metrics: { receivers: ['otlp', 'span_metrics'], processors: ['batch'], exporters: ['prometheus'] },
      },
    },
  }
}
