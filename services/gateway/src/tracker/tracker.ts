import type { FastifyRequest } from 'fastify'
import { openTrackerDesk } from '@annals/torrents/tracker'
import type { TrackerDesk } from '@annals/torrents/tracker'
import { clientAddress, trustsProxies } from '../http/client-address.ts'
import type { HttpPart } from '../http/http-part.ts'
import type { GatewayContext } from '../server/gateway-context.ts'
import { KnownTorrents } from './known-torrents.ts'
import { SharedPeers } from './shared-peers.ts'
import { TrackerUdpUnavailableError } from './tracker-errors.ts'

/** BitTorrent's words for HTTP are no less public than its others. */
const forAnyPage = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' }

/**
 * The tracker: members' clients find seeders by it, browsers find seeders and each other. It knows the torrents of this
 * installation, and forgets its peers when it stops: they announce again.
 */
export const tracker: HttpPart = {
  name: 'tracker',
  async mount(at) {
    const { context, app } = at
    const { config, metrics, stopping } = context
    const trusts = trustsProxies(config.trustedProxies)
    await using stack = new AsyncDisposableStack()
    const known = stack.use(new KnownTorrents(context, stopping))
    // One that has its state for itself has nobody to share with.
    const elsewhere = context.config.natsUrl === '' ? undefined : stack.use(new SharedPeers(context))
    const desk = stack.use(
      openTrackerDesk({
        knows: (infoHash) => known.has(infoHash),
        ...(elsewhere && { elsewhere }),
        onRefused: (reason) => metrics.add('trackerRefused', 1, { 'annals.refusal.reason': reason }),
      }),
    )
    await listenUdp(context, desk)
    stack.use(
      metrics.observe((report) => {
        report('trackerPeers', desk.peers.browsers, { 'annals.peer.kind': 'browser' })
        report('trackerPeers', desk.peers.others, { 'annals.peer.kind': 'other' })
      }),
    )
    const answer = (path: '/announce' | '/scrape') => (request: FastifyRequest) =>
      desk.answerHttp({ path, query: request.url.split('?')[1] ?? '', address: request.ip })
    const options = { compress: false as const }
    app.addHook('onRequest', async (_, reply) => void reply.headers(forAnyPage).type('text/plain'))
    app.get('/announce', options, answer('/announce'))
    app.get('/scrape', options, answer('/scrape'))
    at.onUpgrade('/announce', (request, socket, head) =>
      desk.takeSocket(request, socket, head, clientAddress(request, trusts)),
    )
    const owned = stack.move()
    // A server waits for its WebSockets to end.
    app.addHook('preClose', () => owned.disposeAsync())
    return owned
  },
}

async function listenUdp({ config, log }: GatewayContext, desk: TrackerDesk): Promise<void> {
  if (config.trackerUdp === undefined) return
  const { host, port } = config.trackerUdp
  try {
    const { port: bound } = await desk.listenUdp(config.trackerUdp)
    log.info({ host, port: bound }, 'the tracker listens on UDP')
  } catch (cause) {
    throw new TrackerUdpUnavailableError(`${host}:${port}`, { cause })
  }
}
