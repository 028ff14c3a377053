import { findProgram } from './find-program.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import { natsAnswers } from './nats/nats-answers.ts'
import { waysToNats } from './nats/ways-to-nats.ts'
import { openLocalServer } from './open-local-server.ts'
import type { ServerKind } from './server-program.ts'
import { useGivenServer } from './use-given-server.ts'

export interface StartNatsOptions extends StartOptions {
  /** Further lines of nats-server's configuration file, accounts for example. */
  readonly configuration?: string
}

const nats: ServerKind = { name: 'NATS', scheme: 'nats', answers: natsAnswers }

/**
 * Starts a nats-server with JetStream on loopback; what it acknowledges is on the disk. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError, ServerNotOursError; the signal's reason
 */
export async function startNats(options: StartNatsOptions = {}): Promise<LocalServer> {
  const { address, configuration = '' } = options
  if (address !== undefined) return useGivenServer(nats, address, { ...options, configuration })
  return openLocalServer(nats, await findProgram(nats.name, waysToNats(configuration, options)), options)
}
