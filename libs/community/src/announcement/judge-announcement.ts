import type { Community } from '../community/community.ts'
import type { LastDispatch } from './decide-dispatch.ts'

/** An announcement as it came, its signature recovered. */
export interface Announcement extends LastDispatch {
  /** The community id of the key that signed it. */
  readonly signerCommunityId: string
}

/** Where a member's download of a community stands. */
export interface DownloadProgress {
  /** The newest announcement that counts and whose download is not done. */
  readonly wanted?: LastDispatch | undefined
  /** The announcement whose download was done last. */
  readonly done?: LastDispatch | undefined
  /** Up to which announcement the community's own description says that there are archives; older ones are replayed. */
  readonly describedClockMilliseconds?: number | undefined
}

/**
 * Why an announcement does not count.
 * - `unknown-community`: the community was never added here
 * - `not-joined`: it was left
 * - `archiving-off`: its archives are not wanted here
 * - `wrong-signer`: another key than the community's signed it
 * - `own-community`: this installation is the control node and has everything
 * - `old-clock`: not newer than the one done last, or than the one under way, or older than the one described
 * - `same-torrent`: newer, but its torrent is the one done last or under way; or it is that very announcement, come again
 */
export type IgnoredReason =
  | 'unknown-community'
  | 'not-joined'
  | 'archiving-off'
  | 'wrong-signer'
  | 'own-community'
  | 'old-clock'
  | 'same-torrent'

/**
 * Whether a magnet message counts for a member (formats, "Sending and receiving rules"). One that counts replaces the
 * one wanted. A clock counts as seen for good only when its download is done, so that a download that a restart cut off
 * is not taken for done.
 *
 * Two links are the same if their info hashes are: other trackers for what is here bring nothing.
 */
export function judgeAnnouncement(
  community: Community | undefined,
  download: DownloadProgress,
  announcement: Announcement,
): 'counts' | { readonly ignored: IgnoredReason } {
  if (community === undefined || community.lastSequence === 0) return { ignored: 'unknown-community' }
  if (!community.joined) return { ignored: 'not-joined' }
  if (!community.archivingOn) return { ignored: 'archiving-off' }
  if (announcement.signerCommunityId !== community.communityId) return { ignored: 'wrong-signer' }
  if (community.controlNode) return { ignored: 'own-community' }
  const earlier = [download.wanted, download.done].filter((each) => each !== undefined)
  if (earlier.some((each) => isSame(each, announcement))) return { ignored: 'same-torrent' }
  if (announcement.clockMilliseconds < (download.describedClockMilliseconds ?? 0)) return { ignored: 'old-clock' }
  if (earlier.some((each) => announcement.clockMilliseconds <= each.clockMilliseconds)) return { ignored: 'old-clock' }
  if (earlier.some((each) => announcement.infoHash === each.infoHash)) return { ignored: 'same-torrent' }
  return 'counts'
}

function isSame(some: LastDispatch, other: LastDispatch): boolean {
  return some.clockMilliseconds === other.clockMilliseconds && some.infoHash === other.infoHash
}
