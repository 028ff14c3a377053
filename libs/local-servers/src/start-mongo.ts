import { findProgram } from './find-program.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import { mongoAnswers } from './mongo/mongo-answers.ts'
import { waysToMongo } from './mongo/ways-to-mongo.ts'
import { openLocalServer } from './open-local-server.ts'
import type { ServerKind } from './server-program.ts'
import { useGivenServer } from './use-given-server.ts'

const mongo: ServerKind = { name: 'MongoDB', scheme: 'mongodb', answers: mongoAnswers }

/**
 * Starts a server of MongoDB's wire protocol on loopback, without authentication. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError, ServerNotOursError; the signal's reason
 */
export async function startMongo(options: StartOptions = {}): Promise<LocalServer> {
  if (options.address !== undefined) return useGivenServer(mongo, options.address, options)
  return openLocalServer(mongo, await findProgram(mongo.name, waysToMongo(options)), options)
}
