import type { CommunityChannel } from '@annals/channels'
import type { EventBus } from '@annals/events'
import type { BlobStore, MessageStore, StateStore } from '@annals/storage'
import type { TorrentNode } from '@annals/torrents'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { AnnalsConfig } from './config.ts'
import type { CommunityRegistry } from './community-registry.ts'
import type { ProgressBoard } from './progress.ts'

/** Everything a service works with. Tests hand in what they like; no service knows which engines stand behind it. */
export interface ServiceContext {
  readonly config: AnnalsConfig
  readonly log: Logger
  readonly clock: Clock
  readonly bus: EventBus
  readonly state: StateStore
  readonly messages: MessageStore
  readonly blobs: BlobStore
  readonly channel: CommunityChannel
  readonly torrents: TorrentNode
  readonly registry: CommunityRegistry
  readonly progress: ProgressBoard
}

/** One of the services. `start` resolves when it is at work; disposing what it answers drains and stops it. */
export interface ServiceDefinition {
  readonly name: string
  start(context: ServiceContext, signal: AbortSignal): Promise<AsyncDisposable>
}
