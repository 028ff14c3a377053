import { setTimeout as pause } from 'node:timers/promises'
import { StorageClosedError } from '@annals/sqlite'
import { MongoClient, MongoServerSelectionError, type Db, type MongoClientOptions } from 'mongodb'
import { ServerAddressError, StorageAuthenticationError, StorageUnavailableError } from '../server-errors.ts'
import { checkServer } from './check-server.ts'
import { codeOf, isAuthentication, isMongo, isPassing } from './mongo-errors.ts'
import { ensureIndexes } from './mongo-indexes.ts'
import type { MongoLink } from './mongo-link.ts'
import { silentLog, type MongoLog } from './mongo-log.ts'

export interface MongoOptions {
  /** `mongodb://` or `mongodb+srv://`, perhaps with name and password. */
  readonly uri: string
  /** The database where the address names none. */
  readonly namespace: string
  /** Shown in the server's log and its list of connections. */
  readonly appName: string
  readonly log?: MongoLog
  readonly timeouts?: MongoTimeouts
}

/** Bounds for a server that is gone. A call ends, at the latest, after about twice their sum. */
export interface MongoTimeouts {
  /** How long a call waits for a server that can take it. */
  readonly selectionMilliseconds: number
  /** How long an answer may take: a connection that is half gone says nothing for ever. */
  readonly socketMilliseconds: number
}

const defaultTimeouts: MongoTimeouts = { selectionMilliseconds: 5_000, socketMilliseconds: 30_000 }

const closeMilliseconds = 3_000

/** So many times the time in which a server is looked for, without one that is found, and the client begins anew. */
const selectionsBeforeRenewal = 4

/**
 * Connects to a server and looks whether it is one that Annals is safe on.
 * Writes are acknowledged when a majority has them in its journal, and reads see what is acknowledged, whoever wrote it.
 * @throws ServerAddressError, StorageUnavailableError, StorageAuthenticationError, ServerTooOldError
 */
export async function connectMongo(options: MongoOptions): Promise<MongoLink> {
  const link = new ConnectedLink(options)
  try {
    await link.run('connect', () => checkServer(link.database, link.server))
    return link
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw error
  }
}

class ConnectedLink implements MongoLink {
  readonly database: Db
  readonly server: string
  readonly #client: MongoClient
  readonly #log: MongoLog
  readonly #prepared = new Map<string, Promise<void>>()
  readonly #renewAfterMilliseconds: number
  #aliveAtMilliseconds = performance.now()
  #renewal: Promise<void> | undefined
  #closed = false

  constructor(options: MongoOptions) {
    const { uri, namespace, log = silentLog, timeouts = defaultTimeouts } = options
    this.#renewAfterMilliseconds = selectionsBeforeRenewal * timeouts.selectionMilliseconds
    this.#log = log
    this.#client = makeClient(options)
    const { srvHost, hosts } = this.#client.options
    this.server = srvHost ?? hosts.map(String).join(',')
    this.database = this.#client.db(namesDatabase(uri) ? undefined : namespace)
    this.#client.on('serverDescriptionChanged', ({ address, previousDescription, newDescription }) => {
      const fields = { server: address, err: newDescription.error ?? undefined }
      if (newDescription.type === 'Unknown' && previousDescription.type !== 'Unknown' && !this.#closed)
        log.warn(fields, 'the database server cannot be reached; what needs it fails until it is back')
      if (newDescription.type !== 'Unknown' && previousDescription.type === 'Unknown')
        log.info(fields, 'the database server is reached')
    })
  }

  async run<T>(operation: string, work: () => Promise<T>, { repeatable } = { repeatable: false }): Promise<T> {
    if (this.#closed) throw new StorageClosedError(this.server)
    try {
      const result = await this.#attempt(work, repeatable)
      this.#aliveAtMilliseconds = performance.now()
      return result
    } catch (error) {
      if (error instanceof MongoServerSelectionError) this.#renewIfDeaf()
      throw this.#translate(operation, error)
    }
  }

  /**
   * The driver looks for a server that is gone by a loop of its own. Seen once, on a machine under heavy load, in which
   * the server had been killed and connections had fallen silent: that loop stood still, and the server, long back, was
   * never found again. A client that finds nobody for so long begins anew.
   */
  #renewIfDeaf(): void {
    if (this.#closed || performance.now() - this.#aliveAtMilliseconds < this.#renewAfterMilliseconds) return
    this.#aliveAtMilliseconds = performance.now()
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined))
  }

  async #renew(): Promise<void> {
    this.#log.warn({ server: this.server }, 'no database server was found for long; the client begins anew')
    try {
      await this.#client.close()
      while (!this.#closed) {
        try {
          await this.#client.connect()
          break
        } catch (error) {
          if (!isMongo(error)) throw error
        }
      }
      // Disposed of meanwhile.
      if (this.#closed) await this.#client.close()
    } catch (error) {
      this.#log.warn({ err: error, server: this.server }, 'the client could not begin anew')
    }
  }

  async #attempt<T>(work: () => Promise<T>, repeatable: boolean): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (repeatable && !this.#closed && isPassing(error)) return work()
      throw error
    }
  }

  #translate(operation: string, error: unknown): unknown {
    if (!isMongo(error)) return error
    if (this.#closed) return new StorageClosedError(this.server)
    if (isAuthentication(error)) return new StorageAuthenticationError(this.server, operation, error)
    return new StorageUnavailableError(this.server, operation, codeOf(error), error)
  }

  prepare(collection: string): Promise<void> {
    const known = this.#prepared.get(collection)
    if (known !== undefined) return known
    const preparing = this.run(`make the indexes of ${collection}`, () =>
      ensureIndexes(this.database, collection, this.#log),
    )
    this.#prepared.set(collection, preparing)
    // The next one who needs them tries again.
    preparing.catch(() => this.#prepared.delete(collection))
    return preparing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    try {
      // A server that is gone must not hold up a stop.
      const closing = this.#renewal ?? this.#client.close()
      await Promise.race([closing, pause(closeMilliseconds, undefined, { ref: false })])
    } catch (error) {
      this.#log.warn({ err: error, server: this.server }, 'the link to the database server did not close in order')
    }
  }
}

function makeClient({ uri, appName, timeouts = defaultTimeouts }: MongoOptions): MongoClient {
  const options: MongoClientOptions = {
    appName,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    serverSelectionTimeoutMS: timeouts.selectionMilliseconds,
    connectTimeoutMS: timeouts.selectionMilliseconds,
    waitQueueTimeoutMS: timeouts.socketMilliseconds,
    socketTimeoutMS: timeouts.socketMilliseconds,
    maxPoolSize: 20,
    // What an unused connection is worth is less than what a firewall does to it.
    maxIdleTimeMS: 60_000,
    promoteBuffers: true,
  }
  try {
    return new MongoClient(uri, options)
  } catch (error) {
    throw new ServerAddressError(error)
  }
}

function namesDatabase(uri: string): boolean {
  return /^[^:]+:\/\/[^/?]+\/[^?]/.test(uri)
}
