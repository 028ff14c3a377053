import type { FastifyInstance } from 'fastify'
import type { GatewayContext } from '../server/gateway-context.ts'
import { onceOver } from './track-requests.ts'

/** A span of its own for each request, that knows the route and the status, and nothing that a client sent. */
export function traceRequests(app: FastifyInstance, tracing: GatewayContext['tracing']): void {
  if (!tracing.records) return
  app.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions } = request
    const spec = {
      name: `${method} ${routeOptions.url ?? ''}`,
      kind: 'server' as const,
      parent: { traceparent: undefined },
      attributes: { 'http.request.method': method, 'http.route': routeOptions.url ?? '' },
    }
    void tracing.span(spec, async (span) => {
      const ended = new Promise<void>((resolve) => onceOver(request, resolve))
      // What the request does runs within the span.
      done()
      await ended
      span.set({ 'http.response.status_code': reply.statusCode })
    })
  })
}
