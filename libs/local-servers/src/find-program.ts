import type { ServerProgram } from './server-program.ts'
import type { FailedWay } from './errors.ts'
import { ServerUnavailableError, WayClosedError } from './errors.ts'

/** One way to get a server's program, or several that belong together. */
export interface Way<Found = ServerProgram> {
  /** `a program on the PATH`. */
  readonly name: string
  /** @throws WayClosedError where it leads nowhere on this machine */
  readonly find: () => Promise<Found>
}

/**
 * The first way that is open; those after it are not tried.
 * @throws ServerUnavailableError that says of each way why it is closed; whatever else a way fails with
 */
export async function findProgram<Found>(server: string, ways: readonly Way<Found>[]): Promise<Found> {
  const failed: FailedWay[] = []
  const causes: unknown[] = []
  for (const { name, find } of ways) {
    try {
      return await find()
    } catch (error) {
      if (!(error instanceof WayClosedError)) throw error
      failed.push({ way: name, reason: error.reason, advice: error.advice })
      causes.push(error)
    }
  }
  throw new ServerUnavailableError(server, failed, causes)
}
