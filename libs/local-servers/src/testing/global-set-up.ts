import { bothOrNeither } from '../both-or-neither.ts'
import { ServerUnavailableError } from '../errors.ts'
import type { LocalServer } from '../local-server.ts'
import { startMongo } from '../start-mongo.ts'
import { startNats } from '../start-nats.ts'
import { isCi, valueOf, variables } from './environment.ts'

/**
 * One NATS and one MongoDB for all tests of the tier "srv", started before them and stopped after them. Where one of them
 * cannot be had, the run fails if CI is set; else the tier is skipped.
 * @throws ServerUnavailableError, ServerStartError
 */
export async function setup(): Promise<() => Promise<void>> {
  const servers = new AsyncDisposableStack()
  try {
    const [nats, mongo] = await startBoth(servers)
    process.env[variables.natsUrl] = nats.url
    process.env[variables.mongoUri] = mongo.url
    for (const server of [nats, mongo]) say(`testing on ${server.origin} (${server.url})`)
  } catch (error) {
    await servers.disposeAsync()
    if (!(error instanceof ServerUnavailableError) || isCi()) throw error
    process.env[variables.unavailable] = error.message
    say(`THE TESTS ON REAL SERVERS ARE SKIPPED: ${error.message}`)
  }
  return () => servers.disposeAsync()
}

function startBoth(servers: AsyncDisposableStack): Promise<[LocalServer, LocalServer]> {
  const onProgress = say
  return bothOrNeither(
    undefined,
    async (signal) => servers.use(await startNats({ address: valueOf(variables.natsUrl), signal, onProgress })),
    async (signal) => servers.use(await startMongo({ address: valueOf(variables.mongoUri), signal, onProgress })),
  )
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
