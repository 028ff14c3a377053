import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import compress from '@fastify/compress'
import rateLimit from '@fastify/rate-limit'
import fastify from 'fastify'
import type { HttpLimits } from '../server/gateway-context.ts'
import type { TrustsProxy } from './client-address.ts'
import { networkOf } from './client-address.ts'
import { tagAnswers } from './entity-tags.ts'
import { NoRouteError, TooManyRequestsError } from './http-errors.ts'
import type { Problem } from './problems.ts'
import { problemMediaType, problemOf } from './problems.ts'
import { refuseConnection, refuseExpectations } from './refuse-connections.ts'
import { ruleOf } from './routes.ts'
import { securityHeaders } from './security-headers.ts'
import { trackRequests } from './track-requests.ts'

const maxBodyBytes = 1024 * 1024
const maxConnections = 2_000
/** A connection over which nothing moves for so long is closed; streams of events give a sign of life more often. */
const idleSeconds = 120
const maxRequestsPerMinute = 600
/** Of so many addresses it is known how often they asked; of more the ones that asked last. */
const maxAddresses = 10_000

/** A server without routes: every answer has the same headers, every error the same form, nothing is unbounded. */
export async function newServer(
  log: Logger,
  trustsProxy: TrustsProxy,
  limits: HttpLimits = {},
): Promise<FastifyInstance> {
  const describe = (error: unknown): Problem => problemOf(error, log)
  const sendProblem = (error: unknown, reply: FastifyReply): FastifyReply => {
    const problem = describe(error)
    const asksForToken = problem.status === 401 && { 'www-authenticate': 'Bearer' }
    const headers = { ...securityHeaders, 'cache-control': 'no-store', ...asksForToken }
    return reply.status(problem.status).headers(headers).type(problemMediaType).send(problem)
  }
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    // A client that takes its time with a request, or with the next one, has the connection for so long.
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    connectionTimeout: (limits.idleSeconds ?? idleSeconds) * 1000,
    http: {
      headersTimeout: 10_000,
      maxHeaderSize: 16 * 1024,
      connectionsCheckingInterval: 5_000,
      // One that is missing is refused as any other that is not ours.
      requireHostHeader: false,
    },
    // Streams of events never end by themselves.
    forceCloseConnections: true,
    trustProxy: trustsProxy,
    routerOptions: { maxParamLength: 1024 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, describe),
    frameworkErrors: (error, _, reply) => void sendProblem(error, reply as FastifyReply),
  })
  app.server.maxConnections = maxConnections
  refuseExpectations(app, describe)
  trackRequests(app)
  app.addHook('onRequest', async (_, reply) => void reply.headers(securityHeaders))
  await limitRates(app, limits.requestsPerMinute ?? maxRequestsPerMinute)
  await tagAnswers(app)
  await app.register(compress, { threshold: 1024 })
  app.setNotFoundHandler(() => {
    throw new NoRouteError()
  })
  app.setErrorHandler((error, _, reply) => sendProblem(error, reply))
  return app
}

/** Before anything else is looked at, tokens among them. */
async function limitRates(app: FastifyInstance, max: number): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: '1 minute',
    cache: maxAddresses,
    keyGenerator: ({ ip }) => networkOf(ip),
    allowList: ({ method, routeOptions }) => ruleOf(method, routeOptions.url ?? '')?.ownLimits === true,
    errorResponseBuilder: () => new TooManyRequestsError(),
  })
  app.addHook('onRequest', app.rateLimit())
}
