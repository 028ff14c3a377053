import { apiPrefix } from './api-route.ts'
import { apiRoutes } from './api-routes.ts'
import { eventStreamOperation } from './openapi/event-stream-operation.ts'
import type { Schema } from './openapi/message-schema.ts'
import type { RouteRule } from './route-rule.ts'

export const documentPath = '/api/openapi.json'
export const eventStreamPath = `${apiPrefix}/events`

/** Routes of the API that call no method of the gateway's interface, with what the OpenAPI document says of them. */
export const apiOnlyRoutes: readonly (RouteRule & { readonly operation: Schema })[] = [
  {
    verb: 'GET',
    path: documentPath,
    allows: 'anybody',
    operation: {
      operationId: 'GetDocument',
      description: 'This document.',
      security: [],
      responses: {
        200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    },
  },
  { verb: 'GET', path: eventStreamPath, allows: 'token', operation: eventStreamOperation },
]

/** What is served beside the API. */
const partRoutes: readonly RouteRule[] = [
  // As with BitTorrent itself: who knows the info hash may have what it names.
  { verb: 'GET', path: '/seeds/:infoHash/:torrent/:file', allows: 'anybody', anyHost: true, ownLimits: true },
  // Before a page of somebody else may ask for a range.
  { verb: 'OPTIONS', path: '/seeds/:infoHash/:torrent/:file', allows: 'anybody', anyHost: true, ownLimits: true },
  { verb: 'GET', path: '/announce', allows: 'anybody', anyHost: true, ownLimits: true },
  { verb: 'GET', path: '/scrape', allows: 'anybody', anyHost: true, ownLimits: true },
  // The page's own files.
  { verb: 'GET', path: '/', allows: 'anybody' },
  { verb: 'GET', path: '/*', allows: 'anybody' },
]

/** Every route there is, and who may use it: a server that adds another one does not start. */
export const routes: readonly RouteRule[] = [...apiRoutes, ...apiOnlyRoutes, ...partRoutes]

const byName = new Map(routes.map((route) => [`${route.verb} ${route.path}`, route]))

/** The rule of a route by how fastify names it. */
export function ruleOf(verb: string, path: string): RouteRule | undefined {
  return byName.get(`${verb === 'HEAD' ? 'GET' : verb} ${path}`)
}
