import { decodeMagnetLink } from '@annals/archive'
import { decodeMagnetMessage } from '@annals/crypto'
import { AnnouncementRefusedError } from '../errors.ts'

/** Who vouches for the torrent that is opened. */
export type Signature =
  /** The community's own key signed this magnet link. */
  | {
      readonly kind: 'signed'
      readonly communityId: string
      /** When it was announced, by the signer's clock. */
      readonly clockMilliseconds: number
      /** The link that was signed, as it is. */
      readonly magnetLink: string
    }
  /** A magnet link by itself: whoever gave it vouches for it. Every byte is the torrent's all the same. */
  | { readonly kind: 'not-signed' }

/**
 * Checks that the community signed the announcement, and that what it announces is this torrent.
 * @throws AnnouncementRefusedError
 */
export function checkAnnouncement(
  announcement: Uint8Array,
  expected: { readonly communityId: string; readonly infoHash: string },
): Signature {
  const { communityId, infoHash } = expected
  const { message, announced } = read(announcement, communityId)
  if (message.communityId !== communityId) throw new AnnouncementRefusedError(communityId, 'foreign-signer')
  if (announced.infoHash !== infoHash) throw new AnnouncementRefusedError(communityId, 'other-torrent')
  return { kind: 'signed', ...message }
}

function read(announcement: Uint8Array, communityId: string) {
  try {
    const message = decodeMagnetMessage(announcement)
    return { message, announced: decodeMagnetLink(message.magnetLink) }
  } catch (cause) {
    throw new AnnouncementRefusedError(communityId, 'unreadable', { cause })
  }
}
