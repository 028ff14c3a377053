import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'

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
  /** What is listened on: the port is not the wished one where that was 0. */
  readonly address: HealthAddress
  readonly #close: () => Promise<void>

  private constructor(address: HealthAddress, close: () => Promise<void>) {
    this.address = address
    this.#close = close
  }

  /** @throws HealthAddressError */
  static async listen(wanted: HealthAddress): Promise<HealthServer> {
    let state = (): HealthState => 'starting'
    const server = createServer({ requestTimeout: 5_000, keepAlive: false }, (request, response) =>
      answer(state(), request, response),
    )
    server.maxConnections = 50
    server.listen(wanted)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new HealthAddressError(wanted, cause)
    }
    const bound = server.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : wanted.port
    const health = new HealthServer({ host: wanted.host, port }, async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    })
    state = () => health.state
    return health
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
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

type Answer = (state: HealthState, ...rest: Parameters<RequestListener>) => void

const answer: Answer = (state, request, response) => {
  const good: Record<string, boolean> = {
    '/startup': state !== 'starting',
    '/ready': state === 'running',
    '/live': true,
  }
  const isGood = Object.hasOwn(good, request.url ?? '') ? good[request.url ?? ''] : undefined
  const status = isGood === undefined ? 404 : isGood ? 200 : 503
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${state}\n`)
}
