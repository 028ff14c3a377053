import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { StoppingError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import type { Ending } from '../server/ending.ts'
import { beginEnding, withinDeadline } from '../server/ending.ts'
import type { GatewayContext } from '../server/gateway-context.ts'
import type { ApiRoute } from './api-route.ts'
import { apiRoutes } from './api-routes.ts'
import { withReadablePayload } from './event-json.ts'
import type { ReadRequest, RequestReader } from './read-request.ts'
import { onceOver } from './track-requests.ts'

/**
 * Adds the routes that call methods of the gateway's interface. They have the deadline that calls over gRPC have by default; answers
 * in lines have to begin within it, and go on while the client takes them.
 */
export function serveApi(app: FastifyInstance, context: GatewayContext, requests: RequestReader): void {
  for (const route of apiRoutes) {
    const read = requests.readerOf(route)
    app.route({
      method: route.verb,
      url: route.path,
      handler: (request, reply) => answer(context, route, read(request), request, reply),
    })
  }
}

async function answer(
  context: GatewayContext,
  route: ApiRoute,
  asked: ReadRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  reply.header('cache-control', 'private, no-cache')
  const call = callOf(context, request, reply)
  switch (route.form) {
    case 'json':
      return withinDeadline(call.ending, context, async () =>
        toJson(route, await route.handle(call.context, asked.message)),
      )
    case 'page':
      return withinDeadline(call.ending, context, () => pageOf(route, call.context, asked))
    case 'lines': {
      const lines = linesOf(route, call.context, asked.message)
      call.context.signal.addEventListener('abort', () => void lines.return(undefined).catch(() => undefined), {
        once: true,
      })
      const stream = await withinDeadline(call.ending, context, () => begun(lines))
      reply.type('application/x-ndjson')
      if (request.method !== 'HEAD') return reply.send(Readable.from(stream))
      // Nobody gets the rest, which else would be read to its end.
      await lines.return(undefined)
      return reply.send()
    }
    default:
      return route.form satisfies never
  }
}

interface Call {
  readonly context: CallContext
  readonly ending: Ending
}

/** Ends when the caller is gone, or the node stops. */
function callOf(context: GatewayContext, request: FastifyRequest, reply: FastifyReply): Call {
  const ending = beginEnding(context.stopping)
  onceOver(request, () => {
    ending[Symbol.dispose]()
    if (!reply.raw.writableFinished) ending.end(new StoppingError())
  })
  const peer = `${request.ip}:${request.socket.remotePort ?? 0}`
  return { context: { ...context, signal: ending.signal, peer, caller: request.caller }, ending }
}

/** What comes after the last item begins the next page; `next` is absent where there is none. */
async function pageOf(route: ApiRoute, context: CallContext, { message, limit }: ReadRequest): Promise<unknown> {
  const items: unknown[] = []
  let last = 0
  for await (const item of route.handle(context, message) as AsyncIterable<unknown>) {
    if (items.length === limit) return { items, next: last }
    items.push(toJson(route, item))
    last = route.cursor?.(item) ?? 0
  }
  return { items }
}

/** What fails at once is an answer like any other, and not a stream that is cut off. */
async function begun(lines: AsyncGenerator<string>): Promise<AsyncIterable<string>> {
  const first = await lines.next()
  return (async function* () {
    if (first.done === true) return
    yield first.value
    yield* lines
  })()
}

async function* linesOf(route: ApiRoute, context: CallContext, message: unknown): AsyncGenerator<string> {
  for await (const item of route.handle(context, message) as AsyncIterable<unknown>)
    yield `${JSON.stringify(toJson(route, item))}\n`
}

function toJson({ response }: ApiRoute, message: unknown): unknown {
  return withReadablePayload(response.toJSON(message))
}
