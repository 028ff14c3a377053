import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { choosePort } from './choose-port.ts'
import { findProgram } from './find-program.ts'
import { installJaeger } from './install/install-jaeger.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import { openLocalServer } from './open-local-server.ts'
import { spawnSupervised } from './processes/spawn-supervised.ts'
import { responds } from './responds.ts'
import { lockFileName, outputFileName } from './server-program.ts'
import type { Launch, RunningServer, ServerKind } from './server-program.ts'
import { versions } from './versions.ts'

/** A Jaeger; `url` answers queries. */
export interface JaegerServer extends LocalServer {
  /** `host:port` that takes traces, OTLP over gRPC. */
  readonly otlpAddress: string
}

const kind: ServerKind = {
  name: 'Jaeger',
  scheme: 'http',
  answers: (port) => responds(`http://127.0.0.1:${port}/api/services`),
}

/**
 * Starts a Jaeger on loopback that keeps traces in memory. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError; the signal's reason
 */
export async function startJaeger(options: Omit<StartOptions, 'address'> = {}): Promise<JaegerServer> {
  const otlpAddress = `127.0.0.1:${await choosePort()}`
  const program = await findProgram(kind.name, [
    {
      name: 'the cache, filled by go build',
      async find() {
        const program = await installJaeger(options)
        return {
          origin: `Jaeger ${versions.jaeger} from the cache`,
          launch: (launch: Launch) => run(program, otlpAddress, launch),
        }
      },
    },
  ])
  const server = await openLocalServer(kind, program, options)
  return Object.assign(server, { otlpAddress })
}

/** All that it would listen on beside the two addresses that are asked for, so that several may run. */
const otherAddresses = [
  'admin.http.host-port',
  'collector.grpc-server.host-port',
  'collector.http-server.host-port',
  'collector.otlp.http.host-port',
  'query.grpc-server.host-port',
]

async function run(program: string, otlpAddress: string, { folder, port }: Launch): Promise<RunningServer> {
  await using output = await open(join(folder, outputFileName), 'a')
  const others: string[] = []
  for (const name of otherAddresses) others.push(`--${name}=127.0.0.1:${await choosePort()}`)
  const args = [
    `--query.http-server.host-port=127.0.0.1:${port}`,
    `--collector.otlp.grpc.host-port=${otlpAddress}`,
    ...others,
  ]
  return spawnSupervised(program, args, {
    outputFile: output.fd,
    lockFile: join(folder, lockFileName),
    env: { ...process.env, SPAN_STORAGE_TYPE: 'memory' },
  })
}
