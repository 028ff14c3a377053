import { mkdir } from 'node:fs/promises'
import { openFolderChannel } from '@annals/channels'
import { openEmbeddedBus } from '@annals/events'
import { lockFolder, openFileBlobs, openSqliteMessages, openSqliteState } from '@annals/storage'
import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'
import { ProgressBoard } from '../progress.ts'
import { wakuChannel } from '../config.ts'
import { checkRestored } from '../backup/restore-folder.ts'
import { embeddedFiles } from './embedded-files.ts'
import type { EngineNeeds, Engines } from './engines.ts'
import { openAnnouncementChannel } from './open-announcement-channel.ts'
import { openTorrents } from './open-torrents.ts'
import { openWakuNetwork } from './waku-network.ts'

/** The embedded set: one folder, nothing to install. The folder's lock is let go last. */
export async function openEmbeddedEngines(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
  needs: EngineNeeds,
): Promise<Engines> {
  const folder = config.dataFolder
  await mkdir(folder, { recursive: true, mode: 0o700 })
  stack.use(await lockFolder(folder))
  checkRestored(folder)
  const files = embeddedFiles(config)
  const waku = openWakuNetwork(config, log, stack)
  return {
    bus: stack.use(await openEmbeddedBus({ path: files.events, log: log.child({ engine: 'bus' }) })),
    state: stack.use(await openSqliteState({ path: files.state, endClaims: true })),
    messages: stack.use(await openSqliteMessages({ path: files.messages })),
    blobs: stack.use(await openFileBlobs({ folder: files.blobs })),
    waku,
    channel: stack.use(
      config.channel === wakuChannel
        ? openAnnouncementChannel(config, waku, log)
        : await openFolderChannel({ folder: files.channel }),
    ),
    torrents: await openTorrents(config, log, stack, needs),
    progress: new ProgressBoard(),
    // The folder's lock sees to it that there is one.
    instance: 'embedded',
    shared: false,
  }
}
