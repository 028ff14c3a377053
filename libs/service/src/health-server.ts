import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HealthAddress {
  readonly host: string
  readonly port: number
}

export type HealthState =
  /** Engines are being opened, services begin. */
  | 'starting'
  /** All services are at work. */
  | 'running'
  /** Told to stop: what is under way is finished or handed back, and nothing new is taken. */
  | 'draining'

/**
 * Says over HTTP how a process is, for whoever keeps it alive. Three questions with an answer (200 or 503) of their own:
 *
 * - `/startup`: has it come to work? Not so while it starts, however long that takes.
 * - `/ready`: does it take work? Not so while it starts, and not any more once it is told to stop.
 * - `/live`: does its event loop turn? An answer says so. A process that starts or drains is alive.
 *
 * None of them asks NATS or MongoDB: those are the same for all processes, so that all would be restarted or taken out of
 * service at once, which helps nobody, while a seeder can go on without them.
 */
export class HealthServer implements AsyncDisposable {
  state: HealthState = 'starting'
  readonly #wanted: HealthAddress
  readonly #server: Server

  private constructor(wanted: HealthAddress) {
    this.#wanted = wanted
    this.#server = createServer({ requestTimeout: 5_000, keepAlive: false }, (request, response) => {
      const status = statusOf(request.url ?? '', this.state)
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${this.state}\n`)
    })
    this.#server.maxConnections = 50
  }

  /** @throws HealthAddressError */
  static async listen(wanted: HealthAddress): Promise<HealthServer> {
    const health = new HealthServer(wanted)
    health.#server.listen(wanted)
    try {
      await once(health.#server, 'listening')
      return health
    } catch (cause) {
      throw new HealthAddressError(wanted, cause)
    }
  }

  /** What is listened on: the port is not the wished one where that was 0. */
  get address(): HealthAddress {
    const { port } = this.#server.address() as AddressInfo
    return { host: this.#wanted.host, port }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

/** Where health is to be asked nobody can listen. */
export class HealthAddressError extends Error {
  override readonly name = 'HealthAddressError'
  readonly address: HealthAddress

  constructor(address: HealthAddress, cause: unknown) {
    super(`cannot listen on ${address.host}:${address.port} for questions about health: set another ANNALS_HEALTH`, {
      cause,
    })
    this.address = address
  }
}

function statusOf(path: string, state: HealthState): 200 | 404 | 503 {
  switch (path) {
    case '/startup':
      return state === 'starting' ? 503 : 200
    case '/ready':
      return state === 'running' ? 200 : 503
    case '/live':
      return 200
    default:
      return 404
  }
}
