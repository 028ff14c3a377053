import { jetstream } from '@nats-io/jetstream'
import type { JetStreamClient } from '@nats-io/jetstream'
import { AuthorizationError, connect, createInbox, PermissionViolationError } from '@nats-io/transport-node'
import type { Msg, NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { credentialsAuthenticator } from './credentials.ts'
import { InvalidNatsOptionError, NatsAnswerLostError, NatsAuthorizationError, NatsUnreachableError } from './errors.ts'
import type { NatsPermissionError } from './errors.ts'
import type { NatsLink } from './nats-link.ts'
import { silentNatsLog, type NatsLog } from './nats-log.ts'
import { parseServers } from './parse-servers.ts'
import { pauseFor } from './patience.ts'
import { denied, RequestBox, type RequestOptions } from './request-box.ts'

export interface ConnectNatsOptions {
  /** Addresses with commas between them; one may hold user and password. */
  readonly servers: string
  /** Shown in the server's list of connections. */
  readonly name: string
  /** A file with a user's JWT and seed; read again at each connection, so that it may be renewed. */
  readonly credentialsFile?: string
  /** What the subjects of this user's answers begin with, so that no other user may listen to them. */
  readonly inboxPrefix?: string
  /** How long to wait for a server at first. */
  readonly firstConnectionSeconds?: number
  readonly log?: NatsLog
}

const defaultFirstConnectionSeconds = 10

/** The client's own. */
const defaultInboxPrefix = '_INBOX'

/** Wait before the next try by how long the connection is lost: a server that restarts is there in a moment. */
const reconnectSteps = [
  { lostMilliseconds: 2000, waitMilliseconds: 100 },
  { lostMilliseconds: 30_000, waitMilliseconds: 500 },
  { lostMilliseconds: Infinity, waitMilliseconds: 2000 },
]
const firstConnectionPauseMilliseconds = 100
const pingMilliseconds = 10_000
const closeMilliseconds = 2000

/**
 * Connects, and from then on connects again for ever, whatever ends the connection.
 * @throws InvalidNatsOptionError, NatsUnreachableError, NatsAuthorizationError
 */
export async function connectNats(options: ConnectNatsOptions): Promise<NatsLink> {
  const { addresses, user, password, token, tls } = parseServers(options.servers)
  const { credentialsFile = '', inboxPrefix = defaultInboxPrefix } = options
  checkInboxPrefix(inboxPrefix)
  let lostAt = 0
  const connectOptions: NodeConnectionOptions = {
    servers: [...addresses],
    name: options.name,
    inboxPrefix,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => reconnectWait(performance.now() - lostAt),
    pingInterval: pingMilliseconds,
    timeout: 5000,
    // Credentials that are refused for a while (a server that loads its configuration) must not end the connection.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    ...(token === undefined ? {} : { token }),
    ...(tls ? { tls: {} } : {}),
    ...(credentialsFile === '' ? {} : { authenticator: credentialsAuthenticator(credentialsFile) }),
  }
  const seconds = options.firstConnectionSeconds ?? defaultFirstConnectionSeconds
  const connection = await firstConnection(connectOptions, addresses, seconds)
  return new Link(connection, inboxPrefix, options.log ?? silentNatsLog, () => (lostAt = performance.now()))
}

function reconnectWait(lostMilliseconds: number): number {
  const step = reconnectSteps.find((step) => lostMilliseconds < step.lostMilliseconds)
  // Jitter, so that a fleet does not come back at the same moment.
  return (step?.waitMilliseconds ?? 0) * (0.75 + Math.random() / 2)
}

function checkInboxPrefix(prefix: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(prefix)) return
  throw new InvalidNatsOptionError(
    'inboxPrefix',
    `${JSON.stringify(prefix)}: expected letters, digits, hyphens and underscores, 64 at most`,
  )
}

/** Credentials that came too late for the server, over a slow network, are not refused. */
function areCredentialsRefused(error: unknown): boolean {
  return error instanceof AuthorizationError && !/authentication timeout/i.test(error.message)
}

async function firstConnection(
  options: NodeConnectionOptions,
  addresses: readonly string[],
  seconds: number,
): Promise<NatsConnection> {
  const deadline = performance.now() + seconds * 1000
  while (true) {
    const left = deadline - performance.now()
    try {
      return await connect({ ...options, timeout: Math.max(100, Math.min(5000, left)) })
    } catch (error) {
      if (areCredentialsRefused(error)) throw new NatsAuthorizationError(addresses, error)
      if (performance.now() + firstConnectionPauseMilliseconds >= deadline)
        throw new NatsUnreachableError(addresses, error)
    }
    await new Promise((resolve) => setTimeout(resolve, firstConnectionPauseMilliseconds))
  }
}

class Link implements NatsLink {
  readonly connection: NatsConnection
  readonly jetstream: JetStreamClient
  readonly #inboxPrefix: string
  readonly #log: NatsLog
  readonly #requests: RequestBox
  readonly #reconnected = new Set<() => void>()
  readonly #disconnected = new Set<() => void>()
  readonly #refusals = new Set<(refusal: NatsPermissionError) => void>()
  readonly #onLost: () => void
  #state: NatsLink['state'] = 'connected'

  constructor(connection: NatsConnection, inboxPrefix: string, log: NatsLog, onLost: () => void) {
    this.connection = connection
    this.jetstream = jetstream(connection)
    this.#inboxPrefix = inboxPrefix
    this.#log = log
    this.#requests = new RequestBox(connection, this.createInbox())
    this.#onLost = onLost
    void this.#watch()
  }

  get state(): NatsLink['state'] {
    return this.#state
  }

  get serverVersion(): string {
    return this.connection.info?.version ?? '0.0.0'
  }

  get maxPayloadBytes(): number {
    return this.connection.info?.max_payload ?? 1024 * 1024
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#lost('disconnected')
      else if (status.type === 'reconnect') this.#found(status.server)
      else if (status.type === 'error') this.#refused(status.error)
    }
    this.#lost('closed')
  }

  #refused(error: Error): void {
    this.#log.warn({ err: error }, 'the NATS server reports an error')
    if (!(error instanceof PermissionViolationError)) return
    this.#requests.refused(error)
    for (const listener of this.#refusals) listener(denied(error))
  }

  #lost(state: 'disconnected' | 'closed'): void {
    if (this.#state === 'closed' || this.#state === state) return
    if (state === 'disconnected') this.#log.warn({}, 'the connection to NATS is lost; looking for a server')
    this.#state = state
    this.#onLost()
    this.#requests.endAll((subject) => new NatsAnswerLostError(subject, state))
    for (const listener of this.#disconnected) listener()
  }

  #found(server: string): void {
    if (this.#state === 'closed') return
    this.#state = 'connected'
    this.#log.info({ server }, 'the connection to NATS is there again')
    for (const listener of this.#reconnected) listener()
  }

  onReconnect(listener: () => void): Disposable {
    return subscribe(this.#reconnected, listener)
  }

  onDisconnect(listener: () => void): Disposable {
    return subscribe(this.#disconnected, listener)
  }

  onRefused(listener: (refusal: NatsPermissionError) => void): Disposable {
    return subscribe(this.#refusals, listener)
  }

  createInbox(): string {
    return createInbox(this.#inboxPrefix)
  }

  async request(subject: string, payload: Uint8Array | string, options?: RequestOptions): Promise<Msg> {
    if (this.#state !== 'connected') throw new NatsAnswerLostError(subject, this.#state)
    return this.#requests.request(subject, payload, options)
  }

  async whenConnected(timeoutMilliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#state === 'disconnected' && timeoutMilliseconds > 0 && signal?.aborted !== true) {
      const { promise, resolve } = Promise.withResolvers<void>()
      using _found = this.onReconnect(resolve)
      using _lost = this.onDisconnect(resolve)
      const wake = (): void => resolve()
      signal?.addEventListener('abort', wake)
      const timer = setTimeout(wake, timeoutMilliseconds)
      await promise
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
    }
    return this.#state === 'connected'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'closed') return
    if (this.#state === 'connected') await atMost(closeMilliseconds, this.connection.flush())
    await atMost(closeMilliseconds, this.connection.close())
    this.#lost('closed')
  }
}

function subscribe<A extends unknown[]>(
  listeners: Set<(...told: A) => void>,
  listener: (...told: A) => void,
): Disposable {
  // Of its own, so that one function can listen twice.
  const own = (...told: A): void => listener(...told)
  listeners.add(own)
  return { [Symbol.dispose]: () => void listeners.delete(own) }
}

/** Waits for work, but not longer; what goes wrong with a connection that is given up does not matter. */
async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const stop = new AbortController()
  const done = (async () => {
    await work.catch(() => undefined)
    stop.abort()
  })()
  await Promise.race([done, pauseFor(milliseconds, stop.signal)])
  stop.abort()
}
