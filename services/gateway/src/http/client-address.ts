import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'

/** Whether a proxy of this address may say whose request it hands on. */
export type TrustsProxy = (address: string, hop: number) => boolean

/** @param networks as `ANNALS_TRUSTED_PROXIES` has them */
export function trustsProxies(networks: readonly string[]): TrustsProxy {
  return proxyAddress.compile([...networks])
}

/** How those are told apart who ask: whoever has one IPv6 address has 2⁶⁴ of them. */
export { networkOf } from '@annals/torrents/tracker'

/** Who a request comes from where fastify does not see it, as with upgrades; the same that `request.ip` is. */
export function clientAddress(request: IncomingMessage, trusts: TrustsProxy): string {
  return proxyAddress(request, trusts)
}
