import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DefaultDeadlineError, StoppingError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import type { GatewayContext } from '../server/gateway-context.ts'
import type { ApiRoute } from './api-route.ts'
import { apiRoutes } from './api-routes.ts'
import { withReadablePayload } from './event-json.ts'
import type { ReadRequest, RequestReader } from './read-request.ts'

/** As over gRPC. Answers in lines have none: they go on while the client takes them. */
const defaultDeadlineSeconds = 30

/** Adds the routes that call methods of the gateway's interface. */
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
      return withinTime(context, call, async () => toJson(route, await route.handle(call.context, asked.message)))
    case 'page':
      return withinTime(context, call, () => pageOf(route, call.context, asked))
    case 'lines': {
      const lines = linesOf(route, call.context, asked.message)
      call.context.signal.addEventListener('abort', () => void lines.return(undefined).catch(() => undefined), {
        once: true,
      })
      const stream = await withinTime(context, call, () => begun(lines))
      return reply.type('application/x-ndjson').send(Readable.from(stream))
    }
    default:
      return route.form satisfies never
  }
}

interface Call {
  readonly context: CallContext
  /** Rejects when nobody waits any more. */
  readonly ended: Promise<never>
  end(reason: Error): void
}

/** Ends when the caller is gone, or the node stops. */
function callOf(context: GatewayContext, request: FastifyRequest, reply: FastifyReply): Call {
  const abort = new AbortController()
  const ended = Promise.withResolvers<never>()
  // Nobody may be waiting for it any more.
  ended.promise.catch(() => undefined)
  const end = (reason: Error): void => {
    abort.abort(reason)
    ended.reject(reason)
  }
  const stop = (): void => end(new StoppingError())
  context.stopping.addEventListener('abort', stop, { once: true })
  if (context.stopping.aborted) stop()
  reply.raw.once('close', () => {
    context.stopping.removeEventListener('abort', stop)
    if (!reply.raw.writableFinished) stop()
  })
  const peer = `${request.ip}:${request.socket.remotePort ?? 0}`
  return { context: { ...context, signal: abort.signal, peer, caller: request.caller }, ended: ended.promise, end }
}

/** @throws DefaultDeadlineError */
async function withinTime<T>(context: GatewayContext, call: Call, work: () => Promise<T>): Promise<T> {
  const seconds = context.defaultDeadlineSeconds ?? defaultDeadlineSeconds
  const timer = setTimeout(() => call.end(new DefaultDeadlineError(seconds)), seconds * 1000)
  try {
    return await Promise.race([work(), call.ended])
  } finally {
    clearTimeout(timer)
  }
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
