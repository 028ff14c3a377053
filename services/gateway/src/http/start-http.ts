import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { isCommunityIdText } from '@annals/archive'
import type { GatewayContext } from '../server/gateway-context.ts'
import type { Authority } from './authorize-request.ts'
import { trustsProxies } from './client-address.ts'
import { guardRequests } from './guard-requests.ts'
import { UpgradeTakenError } from './http-errors.ts'
import type { HttpPart, TakeConnection } from './http-part.ts'
import type { HttpAddress } from './listen-address.ts'
import { listen } from './listen-address.ts'
import { newServer } from './new-server.ts'
import { readApiDescriptors } from './openapi/api-descriptors.ts'
import { componentSchemas } from './openapi/openapi-document.ts'
import { operatorToken } from './operator-token.ts'
import { httpParts } from './parts.ts'
import { RequestReader } from './read-request.ts'
import { serveApi } from './serve-api.ts'
import { serveDocument } from './serve-document.ts'
import { serveEvents } from './serve-events.ts'
import { traceRequests } from './trace-requests.ts'

/** HTTP at work. Disposing it ends what is open and closes it. */
export interface RunningHttp extends AsyncDisposable {
  readonly address: HttpAddress
}

/**
 * Serves the API, and the parts beside it, over HTTP.
 * @throws HttpAddressUnavailableError, TokenRequiredError, UnruledRouteError
 */
export async function startHttp(context: GatewayContext, parts: readonly HttpPart[] = httpParts): Promise<RunningHttp> {
  const { config, log } = context
  await using stack = new AsyncDisposableStack()
  const authority = await authorityOf(context)
  const app = await newServer(log, trustsProxies(config.trustedProxies), context.httpLimits)
  stack.defer(() => app.close())
  guardRequests(app, config.publicUrl, authority)
  traceRequests(app, context.tracing)
  await app.register(async (api) => mountApi(api, context, authority))
  const upgrades = new Map<string, TakeConnection>()
  for (const part of parts) await app.register((own) => mountPart(part, own, context, upgrades))
  takeUpgrades(app, upgrades)
  const address = await listen(app, config)
  log.info({ ...address }, 'listening for HTTP')
  const owned = stack.move()
  return { address, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function authorityOf({ config, state, registry }: GatewayContext): Promise<Authority> {
  return {
    operatorToken: await operatorToken(config),
    state,
    isPublic: async (communityId) =>
      isCommunityIdText(communityId) && (await registry.get(communityId))?.public === true,
  }
}

function mountApi(app: FastifyInstance, context: GatewayContext, authority: Authority): void {
  const descriptors = readApiDescriptors()
  serveApi(app, context, new RequestReader(descriptors, componentSchemas(descriptors)))
  serveEvents(app, context, authority)
  serveDocument(app, descriptors)
}

async function mountPart(
  part: HttpPart,
  app: FastifyInstance,
  context: GatewayContext,
  upgrades: Map<string, TakeConnection>,
): Promise<void> {
  const mounted = await part.mount({
    context,
    app,
    onUpgrade(path, take) {
      if (upgrades.has(path)) throw new UpgradeTakenError(path)
      upgrades.set(path, take)
    },
  })
  if (mounted !== undefined) app.addHook('onClose', () => mounted[Symbol.asyncDispose]())
}

function takeUpgrades(app: FastifyInstance, upgrades: ReadonlyMap<string, TakeConnection>): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Of one that was reset nothing is known any more, not even its address.
    if (request.socket.remoteAddress === undefined) return socket.destroy()
    const [path = ''] = (request.url ?? '').split('?')
    const take = upgrades.get(path)
    if (take !== undefined) return take(request, socket, head)
    // Who asked may be gone already.
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
}
