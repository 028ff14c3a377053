import type { ClockFile } from '@annals/annals'
import type { CommunityChannel } from '@annals/channels'

/** What the nodes of a test have around them. */
export interface Stage {
  readonly clock: ClockFile
  /** The channel on which its nodes announce. */
  openChannel(): Promise<CommunityChannel>
}
