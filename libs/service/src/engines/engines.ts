import type { CommunityChannel } from '@annals/channels'
import type { EventBus } from '@annals/events'
import type { BlobStore, MessageStore, StateStore } from '@annals/storage'
import type { TorrentNode } from '@annals/torrents'
import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'
import type { ProgressBoard } from '../progress.ts'
import { openEmbeddedEngines } from './open-embedded-engines.ts'

/** What stands behind the ports. */
export interface Engines {
  readonly bus: EventBus
  readonly state: StateStore
  readonly messages: MessageStore
  readonly blobs: BlobStore
  readonly channel: CommunityChannel
  readonly torrents: TorrentNode
  readonly progress: ProgressBoard
  /** Which of the processes that work on these engines this one is; the same after a restart on the same data folder. */
  readonly instance: string
  /** True where other processes may work on the same engines at the same time. */
  readonly shared: boolean
}

export interface EngineNeeds {
  /** A BitTorrent client with a folder of its own; where nobody needs one, none is started. */
  readonly torrents: boolean
}

/**
 * The engines that the settings name: NATS and MongoDB where they are given, the embedded set otherwise. What is opened
 * is moved onto `stack`, which closes it in reverse order. What the engines cannot tell a caller they tell the log.
 * @throws FolderInUseError if another process works on the data folder; what an engine throws that cannot be opened
 */
export async function openEngines(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
  needs: EngineNeeds,
): Promise<Engines> {
  if (config.natsUrl === '') return openEmbeddedEngines(config, log, stack, needs)
  // Loading the drivers takes longer than the rest of a start.
  const { openClusterEngines } = await import('./open-cluster-engines.ts')
  return openClusterEngines(config, log, stack, needs)
}
