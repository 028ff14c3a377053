import type { CommunityChannel } from '@annals/channels'
import { openWakuChannel } from '@annals/channels/waku'
import { privateKeyFromRandom, privateKeySeedBytes } from '@annals/crypto'
import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'
import { announcementCodec } from './announcement-codec.ts'
import type { WakuNetwork } from './waku-network.ts'

/** `ANNALS_CHANNEL` is "waku", and no Waku node is named. The settings are checked for it. */
export class NoWakuNetworkError extends Error {
  override readonly name = 'NoWakuNetworkError'

  constructor() {
    super('announcements are to travel over Waku, and no store node is named: set ANNALS_WAKU_STORES')
  }
}

/**
 * Announcements over Waku. Who sends them there is of no matter, as they are signed by their community: each process makes
 * itself an identity, and forgets it. @throws NoWakuNetworkError
 */
export function openAnnouncementChannel(
  config: AnnalsConfig,
  waku: WakuNetwork | undefined,
  log: Logger,
): CommunityChannel {
  if (waku === undefined) throw new NoWakuNetworkError()
  const { relays, stores, feed, pubsubTopic, keys, segments } = waku
  const privateKey = privateKeyFromRandom(crypto.getRandomValues(new Uint8Array(privateKeySeedBytes)))
  return openWakuChannel({
    feed,
    relays,
    stores,
    codec: announcementCodec(keys, segments, privateKey),
    pubsubTopicOf: () => pubsubTopic,
    publishBy: config.wakuPublish,
    log: log.child({ engine: 'channel' }),
  })
}
