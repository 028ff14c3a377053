import type { CommunityChannel } from '@annals/channels'
import type { EventBus } from '@annals/events'
import type { BlobStore, MessageStore, StateStore } from '@annals/storage'
import type { TorrentNode } from '@annals/torrents'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openFolderChannel } from '@annals/channels'
import { openEmbeddedBus } from '@annals/events'
import { lockFolder, openFileBlobs, openSqliteMessages, openSqliteState } from '@annals/storage'
import { openTorrentNode } from '@annals/torrents'
import type { Logger } from 'pino'
import type { AnnalsConfig } from './config.ts'

/** What stands behind the ports. */
export interface Engines {
  readonly bus: EventBus
  readonly state: StateStore
  readonly messages: MessageStore
  readonly blobs: BlobStore
  readonly channel: CommunityChannel
  readonly torrents: TorrentNode
}

/**
 * The embedded set: one folder, nothing to install. Opened engines are moved onto `stack`, which closes them in
 * reverse order; the folder's lock is let go last. What they cannot tell a caller they tell the log.
 * @throws FolderInUseError if another process works on the folder
 */
export async function openEmbeddedEngines(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
): Promise<Engines> {
  const { exclusive: _, ...engines } = await openEngines(config, log, stack, { torrents: false })
  const torrents = await openTorrentNode({
    folder: join(config.dataFolder, 'torrents'),
    host: config.torrentHost,
    port: config.torrentPort,
    dht: config.torrentDht === 'on',
    log: log.child({ engine: 'torrents' }),
  })
  return { ...engines, torrents: stack.use(torrents) }
}

/** What stands behind the ports of what serves and fetches nothing. */
export interface EnginesWithoutTorrents extends Omit<Engines, 'torrents'> {
  /** True where no other process can be at work on them. */
  readonly exclusive: boolean
}

/** The same without torrents. @throws FolderInUseError */
export async function openEngines(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
  _options: { readonly torrents: false },
): Promise<EnginesWithoutTorrents> {
  const folder = config.dataFolder
  await mkdir(folder, { recursive: true, mode: 0o700 })
  stack.use(await lockFolder(folder))
  return {
    exclusive: true,
    bus: stack.use(await openEmbeddedBus({ path: join(folder, 'events.db'), log: log.child({ engine: 'bus' }) })),
    state: stack.use(await openSqliteState({ path: join(folder, 'state.db'), endClaims: true })),
    messages: stack.use(await openSqliteMessages({ path: join(folder, 'messages.db') })),
    blobs: stack.use(await openFileBlobs({ folder: join(folder, 'blobs') })),
    channel: stack.use(await openFolderChannel({ folder: config.channelFolder || join(folder, 'channel') })),
  }
}
