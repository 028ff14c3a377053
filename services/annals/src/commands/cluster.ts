import { once } from 'node:events'
import { join } from 'node:path'
import type { LocalServer } from '@annals/local-servers'
import { settings } from '@annals/service'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import { Cluster } from '../cluster/cluster.ts'
import { KeptServer } from '../cluster/kept-server.ts'
import { StateBoard } from '../cluster/state-board.ts'
import type { ServiceName } from '../load-service.ts'
import { isServiceName, serviceNames } from '../load-service.ts'
import { collect, wholeNumber } from './option-parsers.ts'

interface ClusterCommandOptions {
  readonly each: number
  readonly count: string[]
}

export const registerCluster: Register = (program, run) => {
  program
    .command('cluster')
    .description('runs every service in processes of its own on this machine, servers and all, until Ctrl-C')
    .option('--each <number>', 'processes of each service', wholeNumber, 1)
    .option('--count <service=number>', 'processes of one service; may be repeated', collect, [])
    .addHelpText(
      'after',
      `\n${settings.natsUrl.variable} and ${settings.mongodbUri.variable} name servers that are there already; without them ` +
        'servers are started in the data folder, and installed first where this machine has none.\n' +
        '\nExamples:\n  annals cluster --data ~/annals\n  annals cluster --each 2 --count seeder=3',
    )
    .action(run(runCluster))
}

async function runCluster(cli: Cli, options: ClusterCommandOptions): Promise<void> {
  const { config, stdout, signal } = cli
  const counts = readCounts(options)
  await using stack = new AsyncDisposableStack()
  using board = new StateBoard(stdout, cli.json)
  const servers = await startServers(cli, board, stack)
  const cluster = stack.use(
    new Cluster({
      folder: config.dataFolder,
      counts,
      environment: { ...settingsOf(process.env), ...servers },
      grpcAddress: config.grpcAddress,
      onChange: (state) => board.show(state),
    }),
  )
  const stopping = once(signal, 'abort')
  if (signal.aborted) return
  await Promise.race([cluster.atWork(), stopping])
  if (!signal.aborted && !cli.json) stdout.write(`Annals is up: gRPC at ${cluster.address}. Ctrl-C stops it.\n`)
  await stopping
}

function readCounts({ each, count }: ClusterCommandOptions): Partial<Record<ServiceName, number>> {
  const counts: Partial<Record<ServiceName, number>> = {}
  for (const service of serviceNames) counts[service] = each
  for (const text of count) {
    const [, service = '', number = ''] = /^([a-z-]+)=(\d{1,3})$/.exec(text) ?? []
    if (!isServiceName(service)) throw new UsageError(`--count wants a service and a number, such as seeder=2: ${text}`)
    counts[service] = Number(number)
  }
  return counts
}

/** Servers that are given, or servers of our own that are kept running. @returns the settings that name them */
async function startServers(
  { config, signal, stderr }: Cli,
  board: StateBoard,
  stack: AsyncDisposableStack,
): Promise<Record<string, string>> {
  if (config.natsUrl !== '') return {}
  const { startMongo, startNats } = await import('@annals/local-servers')
  const onProgress = (line: string): void => void stderr.write(`${line}\n`)
  const keep = async (name: string, starting: Promise<LocalServer>): Promise<LocalServer> => {
    const server = await starting
    stderr.write(`${name} is ${server.origin}, at ${server.url}\n`)
    stack.use(new KeptServer(name, server, (state) => board.show(state)))
    return server
  }
  const starting = [
    keep('nats', startNats({ folder: join(config.dataFolder, 'nats'), signal, onProgress })),
    keep('mongodb', startMongo({ folder: join(config.dataFolder, 'mongodb'), signal, onProgress })),
  ] as const
  // Both are waited for also where one fails: what the other started must be stopped.
  await Promise.allSettled(starting)
  const [nats, mongo] = await Promise.all(starting)
  return { [settings.natsUrl.variable]: nats.url, [settings.mongodbUri.variable]: mongo.url }
}

/** What of this process's environment is a setting of Annals. */
function settingsOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const known = new Set<string>(Object.values(settings).map(({ variable }) => variable))
  const found: Record<string, string> = {}
  for (const [variable, value] of Object.entries(environment))
    if (known.has(variable) && value !== undefined && variable !== settings.dataFolder.variable) found[variable] = value
  return found
}
