import { join } from 'node:path'
import type { TorrentNode } from '@annals/torrents'
import { openTorrentNode } from '@annals/torrents'
import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'
import { ownTrackers } from '../public-addresses.ts'
import type { EngineNeeds } from './engines.ts'
import { noTorrents } from './no-torrents.ts'

/** The BitTorrent client where somebody needs one. The data folder is locked by then. */
export async function openTorrents(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
  needs: EngineNeeds,
): Promise<TorrentNode> {
  if (!needs.torrents) return noTorrents
  return stack.use(
    await openTorrentNode({
      folder: join(config.dataFolder, 'torrents'),
      host: config.torrentHost,
      port: config.torrentPort,
      dht: config.torrentDht === 'on',
      // Also for torrents whose links are older than these addresses.
      trackers: [...ownTrackers(config), ...config.announceTo],
      ...(config.torrentWebRtc === 'on' && {
        webRtc: { iceServers: config.iceServers, maxPeers: config.torrentWebRtcPeers },
      }),
      log: log.child({ engine: 'torrents' }),
    }),
  )
}
