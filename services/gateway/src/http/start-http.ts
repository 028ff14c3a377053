import type { Duplex } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import compress from '@fastify/compress'
import etag from '@fastify/etag'
import rateLimit from '@fastify/rate-limit'
import fastify from 'fastify'
import type { GatewayContext } from '../server/gateway-context.ts'
import type { Authority } from './authorize-request.ts'
import { callerOf, checkAllowed } from './authorize-request.ts'
import { trustedProxies } from './client-address.ts'
import {
  ForeignHostError,
  ForeignOriginError,
  NoRouteError,
  UnruledRouteError,
  UpgradeTakenError,
  readingVerbs,
} from './http-errors.ts'
import type { HttpPart, TakeConnection } from './http-part.ts'
import { isKnownHost, isOwnOrigin } from './known-hosts.ts'
import type { HttpAddress } from './listen-address.ts'
import { listen } from './listen-address.ts'
import { operatorToken } from './operator-token.ts'
import { httpParts } from './parts.ts'
import { problemMediaType, problemOf } from './problems.ts'
import { ruleOf } from './routes.ts'
import { securityHeaders } from './security-headers.ts'

const maxBodyBytes = 1024 * 1024
const maxConnections = 2_000

/** HTTP at work. Disposing it ends what is open and closes it. */
export interface RunningHttp extends AsyncDisposable {
  readonly address: HttpAddress
}

/**
 * Serves the API, and the parts beside it, over HTTP.
 * @throws HttpAddressUnavailableError, TokenRequiredError
 */
export async function startHttp(context: GatewayContext, parts: readonly HttpPart[] = httpParts): Promise<RunningHttp> {
  await using stack = new AsyncDisposableStack()
  const authority: Authority = { operatorToken: await operatorToken(context.config) }
  const app = newServer(context.log)
  stack.defer(() => app.close())
  const upgrades = new Map<string, TakeConnection>()
  guard(app, context, authority)
  await app.register(rateLimit, { max: 600, timeWindow: '1 minute' })
  await app.register(etag)
  await app.register(compress, { threshold: 1024 })
  for (const part of parts)
    await app.register(async (own) => {
      const mounted = await part.mount({
        context,
        app: own,
        onUpgrade(path, take) {
          if (upgrades.has(path)) throw new UpgradeTakenError(path)
          upgrades.set(path, take)
        },
      })
      if (mounted !== undefined) own.addHook('onClose', () => mounted[Symbol.asyncDispose]())
    })
  takeUpgrades(app, upgrades)
  const address = await listen(app, context.config)
  context.log.info({ ...address }, 'listening for HTTP')
  const owned = stack.move()
  return { address, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function newServer(log: Logger): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    // A client that takes its time with a request, or with the next one, has the connection for so long.
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 5_000 },
    // Streams of events never end by themselves.
    forceCloseConnections: true,
    // Who stands before us says who is asking, where it stands in our own network.
    trustProxy: trustedProxies,
    routerOptions: { maxParamLength: 1024 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors(error, _, reply) {
      const problem = problemOf(error, log)
      void (reply as FastifyReply).status(problem.status).headers(securityHeaders).type(problemMediaType).send(problem)
    },
  })
  app.server.maxConnections = maxConnections
  return app
}

/** No route without a rule, no request against it; the same headers on every answer, one form for every error. */
function guard(app: FastifyInstance, context: GatewayContext, authority: Authority): void {
  const { config, log } = context
  app.addHook('onRoute', ({ method, url }) => {
    for (const verb of [method].flat()) if (ruleOf(verb, url) === undefined) throw new UnruledRouteError(verb, url)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    const rule = ruleOf(request.method, request.routeOptions.url ?? '')
    if (rule?.anyHost !== true && !isKnownHost(request.headers.host, config.publicUrl)) throw new ForeignHostError()
    const { origin } = request.headers
    const reads = (readingVerbs as readonly string[]).includes(request.method)
    if (!reads && origin !== undefined && !isOwnOrigin(origin, request.host, config.publicUrl))
      throw new ForeignOriginError()
    if (rule === undefined) throw new NoRouteError()
    const caller =
      rule.allows === 'anybody' ? { role: 'public' as const } : await callerOf(authority, request.headers.authorization)
    checkAllowed(rule, caller, request)
  })
  app.setNotFoundHandler(() => {
    throw new NoRouteError()
  })
  app.setErrorHandler((error, _, reply) => {
    const problem = problemOf(error, log)
    return reply
      .status(problem.status)
      .headers({ ...securityHeaders, 'cache-control': 'no-store' })
      .type(problemMediaType)
      .send(problem)
  })
}

function takeUpgrades(app: FastifyInstance, upgrades: ReadonlyMap<string, TakeConnection>): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [path = ''] = (request.url ?? '').split('?')
    const take = upgrades.get(path)
    if (take !== undefined) return take(request, socket, head)
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
}
