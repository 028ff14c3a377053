import { mkdir } from 'node:fs/promises'
import type { CommunityChannel } from '@annals/channels'
import { openFolderChannel } from '@annals/channels'
import { openNatsChannel } from '@annals/channels/nats'
import { openNatsBus } from '@annals/events/nats'
import type { NatsLink } from '@annals/nats'
import { connectNats } from '@annals/nats'
import { lockFolder } from '@annals/storage'
import { connectMongo, openGridfsBlobs, openMongoMessages, openMongoState } from '@annals/storage/mongo'
import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'
import { wakuChannel } from '../config.ts'
import type { EngineNeeds, Engines } from './engines.ts'
import { instanceOf } from './instance-of.ts'
import { ReassertingBus } from './reasserting-bus.ts'
import { openAnnouncementChannel } from './open-announcement-channel.ts'
import { openTorrents } from './open-torrents.ts'
import { SharedProgressBoard } from './shared-progress-board.ts'
import { openWakuNetwork } from './waku-network.ts'

/** NATS and MongoDB, which any number of processes share; a folder of its own only for what a process keeps on a disk. */
export async function openClusterEngines(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
  needs: EngineNeeds,
): Promise<Engines> {
  const { namespace, streamReplicas: replicas, takeOverSeconds } = config
  if (needs.torrents) {
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
    stack.use(await lockFolder(config.dataFolder))
  }
  const instance = await instanceOf(config, needs.torrents)
  const link = stack.use(
    await connectNats({
      servers: config.natsUrl,
      name: `annals ${instance}`,
      ...(config.natsCredentials !== '' && { credentialsFile: config.natsCredentials }),
      inboxPrefix: config.natsInboxPrefix,
      log: log.child({ engine: 'nats' }),
    }),
  )
  const mongo = stack.use(
    await connectMongo({
      uri: config.mongodbUri,
      namespace,
      appName: `annals ${instance}`,
      log: log.child({ engine: 'mongodb' }),
    }),
  )
  const bus = await openNatsBus({
    link,
    namespace,
    replicas,
    ackWaitSeconds: takeOverSeconds,
    log: log.child({ engine: 'bus' }),
  })
  const waku = openWakuNetwork(config, log, stack)
  return {
    bus: stack.use(new ReassertingBus(bus, log.child({ engine: 'bus' }))),
    state: stack.use(await openMongoState({ link: mongo })),
    messages: stack.use(await openMongoMessages({ link: mongo })),
    blobs: stack.use(await openGridfsBlobs({ link: mongo })),
    waku,
    channel: stack.use(
      config.channel === wakuChannel ? openAnnouncementChannel(config, waku, log) : await openChannel(config, link),
    ),
    torrents: await openTorrents(config, log, stack, needs),
    progress: stack.use(new SharedProgressBoard(link, namespace)),
    instance,
    shared: true,
  }
}

async function openChannel(config: AnnalsConfig, link: NatsLink): Promise<CommunityChannel> {
  const { channel, namespace, streamReplicas: replicas } = config
  if (channel === '') return openNatsChannel({ link, namespace, replicas })
  if (!channel.startsWith('nats:')) return openFolderChannel({ folder: channel })
  return openNatsChannel({ link, namespace: channel.slice('nats:'.length), replicas })
}
