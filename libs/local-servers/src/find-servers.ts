import { findProgram } from './find-program.ts'
import type { InstallOptions } from './install/install-options.ts'
import { waysToMongo } from './mongo/ways-to-mongo.ts'
import { waysToNats } from './nats/ways-to-nats.ts'

/**
 * Gets what is needed to start servers, without starting one, and says where each comes from.
 * @throws ServerUnavailableError; the signal's reason
 */
export async function findServers(options: InstallOptions): Promise<readonly string[]> {
  const found = await Promise.allSettled([
    findProgram('NATS', waysToNats('', options)),
    findProgram('MongoDB', waysToMongo(options)),
  ])
  return found.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value.origin
  })
}
