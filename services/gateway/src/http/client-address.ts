import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'

/** Networks from which a proxy may say whose request it hands on: our own. */
export const trustedProxies = 'loopback, linklocal, uniquelocal'

const isTrusted = proxyAddress.compile(trustedProxies.split(', '))

/** How those are told apart who ask: whoever has one IPv6 address has 2⁶⁴ of them. */
export { networkOf } from '@annals/torrents/tracker'

/** Who a request comes from where fastify does not see it, as with upgrades; the same that `request.ip` is. */
export function clientAddress(request: IncomingMessage): string {
  return proxyAddress(request, isTrusted)
}
