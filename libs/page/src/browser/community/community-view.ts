import type { CommunityHealth } from '../overview/health.ts'
import type { WayStep } from './archive-way.tsx'
import type { Gap, SealedWeek } from './weeks.ts'

/** One community as its page shows it. Times are Unix seconds. */
export interface CommunityView extends CommunityHealth {
  /** The node's clock. */
  readonly now: number
  readonly isPublic: boolean
  readonly chats: readonly { readonly channelId: string; readonly name: string }[]
  readonly messages: number
  /** In no archive yet. */
  readonly pendingMessages: number
  readonly archiveBytes: number
  readonly archives: readonly SealedWeek[]
  readonly gaps: readonly Gap[]
  readonly magnetLink: string
  readonly peers: number
  readonly uploadedBytes: number
  readonly servedBy: readonly { readonly instance: string; readonly host: string; readonly port: number }[]
  readonly announcementFoundAt?: number | undefined
  readonly announcementMissingSince?: number | undefined
  readonly refusals: readonly { readonly what: string; readonly reason: string; readonly count: number }[]
  readonly way: readonly WayStep[]
}
