import type { HttpPart } from '../http/http-part.ts'
import type { SeedRoute } from './serve-seed.ts'
import { serveSeed } from './serve-seed.ts'
import { SeededTorrents } from './seeded-torrents.ts'
import { ServingPlaces } from './serving-places.ts'

/**
 * Each that is served holds up to 4 MiB, as an engine hands out bytes. A browser has some six connections to a server, and
 * many may stand behind one address.
 */
const limits = { places: 48, placesOfAddress: 16, waiting: 256, waitMilliseconds: 20_000 }

/** Any page may read what anybody who knows the info hash may have. */
const forAnyPage = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, etag',
  'cross-origin-resource-policy': 'cross-origin',
}

const path = '/seeds/:infoHash/:torrent/:file'

/** The files of seeded torrents over HTTP, as BEP 19 has it, for clients that have no peer, or no other way. */
export const webSeed: HttpPart = {
  name: 'web-seed',
  async mount({ context, app }) {
    const serving = { context, torrents: new SeededTorrents(context), places: new ServingPlaces(limits) }
    app.addHook('onRequest', async (_, reply) => void reply.headers(forAnyPage))
    app.route<SeedRoute>({
      method: ['GET', 'HEAD'],
      url: path,
      compress: false,
      handler: (request, reply) => serveSeed(serving, request, reply),
    })
    app.options(path, async (_, reply) =>
      reply
        .headers({
          'access-control-allow-methods': 'GET, HEAD',
          // WebTorrent sends these along with a range.
          'access-control-allow-headers': 'range, cache-control, user-agent, if-none-match, if-range',
          'access-control-max-age': '86400',
        })
        .code(204)
        .send(),
    )
    return undefined
  },
}
