import { ServerUnavailableError, WayClosedError } from './errors.ts'
import { installCompose } from './install/install-compose.ts'
import type { StartOptions } from './local-server.ts'

/**
 * The path of Docker Compose at the pinned version; it wants an engine, and no `docker`.
 * @throws ServerUnavailableError where it cannot be had on this machine
 */
export async function openCompose(options: Pick<StartOptions, 'signal' | 'onProgress'> = {}): Promise<string> {
  try {
    return await installCompose(options)
  } catch (error) {
    if (!(error instanceof WayClosedError)) throw error
    const way = { way: 'the cache', reason: error.reason, advice: error.advice }
    throw new ServerUnavailableError('Docker Compose', [way], [error])
  }
}
