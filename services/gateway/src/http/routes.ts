import type { RouteRule } from './route-rule.ts'

/**
 * Every route there is, and who may use it: a server that adds another one does not start. The routes of the API stand
 * in api-routes.ts, with the method of the gateway that each of them calls.
 */
const partRoutes: readonly RouteRule[] = [
  // As with BitTorrent itself: who knows the info hash may have what it names.
  { verb: 'GET', path: '/seeds/:infoHash/:torrent/:file', allows: 'anybody', anyHost: true },
  // Before a page of somebody else may ask for a range.
  { verb: 'OPTIONS', path: '/seeds/:infoHash/:torrent/:file', allows: 'anybody', anyHost: true },
  { verb: 'GET', path: '/announce', allows: 'anybody', anyHost: true },
  { verb: 'GET', path: '/scrape', allows: 'anybody', anyHost: true },
  // The page's own files.
  { verb: 'GET', path: '/', allows: 'anybody' },
  { verb: 'GET', path: '/*', allows: 'anybody' },
]

export const routes: readonly RouteRule[] = [...partRoutes]

/** The rule of a route by how fastify names it. */
export function ruleOf(verb: string, path: string): RouteRule | undefined {
  const asked = verb === 'HEAD' ? 'GET' : verb
  return routes.find((route) => route.verb === asked && route.path === path)
}
