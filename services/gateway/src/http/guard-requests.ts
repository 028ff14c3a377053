import type { FastifyInstance } from 'fastify'
import type { Authority } from './authorize-request.ts'
import { callerOf, checkAllowed } from './authorize-request.ts'
import type { Caller } from './caller.ts'
import { ForeignHostError, ForeignOriginError, NoRouteError, UnruledRouteError } from './http-errors.ts'
import { isKnownHost, isOwnOrigin } from './known-hosts.ts'
import { ruleOf } from './routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before any handler is called. */
    caller: Caller
  }
}

const nobody: Caller = { role: 'public' }

/**
 * No route without a rule, and no request against it.
 * @param publicUrl where others reach the server; empty for nowhere
 */
export function guardRequests(app: FastifyInstance, publicUrl: string, authority: Authority): void {
  app.decorateRequest('caller')
  app.addHook('onRoute', ({ method, url }) => {
    for (const verb of [method].flat()) if (ruleOf(verb, url) === undefined) throw new UnruledRouteError(verb, url)
  })
  app.addHook('onRequest', async (request, reply) => {
    const { headers, method, routeOptions } = request
    const rule = ruleOf(method, routeOptions.url ?? '')
    if (rule?.anyHost !== true && !isKnownHost(headers.host, publicUrl)) throw new ForeignHostError()
    const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
    if (!reads && headers.origin !== undefined && !isOwnOrigin(headers.origin, headers.host ?? '', publicUrl))
      throw new ForeignOriginError()
    if (rule === undefined) throw new NoRouteError()
    request.caller = rule.allows === 'anybody' ? nobody : await callerOf(authority, headers.authorization)
    await checkAllowed(authority, rule, request.caller, request)
    // A page of somebody else may read what everybody may.
    if (request.caller.role === 'public') reply.header('access-control-allow-origin', '*')
  })
}
