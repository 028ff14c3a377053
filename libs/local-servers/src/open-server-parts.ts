import { ServerUnavailableError, WayClosedError } from './errors.ts'
import { installFerretDb, installNatsServer } from './install/install-go-programs.ts'
import { installPostgres } from './install/install-postgres.ts'
import { installWakuNode } from './install/install-waku-node.ts'
import { postgresArguments, postgresPrograms } from './install/postgres-root.ts'
import type { StartOptions } from './local-server.ts'

/** What the servers of the cache are made of, for those who make images of them. */
export interface ServerParts {
  /** A static program. */
  readonly natsServer: string
  /** A static program. */
  readonly ferretdb: string
  /** A program that needs the C library. */
  readonly wakuNode: string
  readonly postgres: {
    /** A Debian root folder, and where its programs of PostgreSQL are inside of it. */
    readonly root: string
    readonly programs: string
    /** A data folder with the extension, to be copied. */
    readonly template: string
    /** With which the database is started, on loopback inside. */
    readonly arguments: readonly string[]
  }
}

const postgresPort = 5432

/**
 * Gets the parts at the pinned versions.
 * @throws ServerUnavailableError where they cannot be had on this machine
 */
export async function openServerParts(options: Pick<StartOptions, 'signal' | 'onProgress'> = {}): Promise<ServerParts> {
  try {
    // One after the other: several builds at once would take as long.
    const natsServer = await installNatsServer(options)
    const ferretdb = await installFerretDb(options)
    const wakuNode = await installWakuNode(options)
    const { root, template } = await installPostgres(options)
    const postgres = { root, programs: postgresPrograms, template, arguments: postgresArguments(postgresPort) }
    return { natsServer, ferretdb, wakuNode, postgres }
  } catch (error) {
    if (!(error instanceof WayClosedError)) throw error
    const way = { way: 'the cache', reason: error.reason, advice: error.advice }
    throw new ServerUnavailableError('parts of servers', [way], [error])
  }
}
