import type { CommunityChannel } from '@annals/channels'
import type { EventBus } from '@annals/events'
import type { BlobStore, MessageStore, StateStore } from '@annals/storage'
import type { TorrentNode } from '@annals/torrents'
import type { ProgressBoard } from '../progress.ts'
import type { WakuNetwork } from './waku-network.ts'

/** What stands behind the ports. */
export interface Engines {
  readonly bus: EventBus
  readonly state: StateStore
  readonly messages: MessageStore
  readonly blobs: BlobStore
  readonly channel: CommunityChannel
  /** Where the settings name Waku nodes. */
  readonly waku: WakuNetwork | undefined
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
