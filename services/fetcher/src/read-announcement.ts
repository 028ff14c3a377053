import type { Announcement } from '@annals/community'
import { MagnetLinkError, decodeMagnetLink } from '@annals/archive'
import {
  EncryptedMessageError,
  InvalidSignatureError,
  UnexpectedMessageTypeError,
  decodeMagnetMessage,
} from '@annals/crypto'

/**
 * What a message of an announcement chat is. Why one is refused that seems to be an announcement:
 * - `malformed`: it is not of the form of a message, or of an announcement
 * - `bad-signature`: nobody can have made its signature, or it has none
 * - `bad-link`: its magnet link names no torrent
 */
export type ReadAnnouncement =
  | { readonly kind: 'announcement'; readonly announcement: Announcement }
  /** Of another type, or encrypted for some: the chat may carry such. */
  | { readonly kind: 'other-message' }
  | { readonly kind: 'refused'; readonly reason: 'malformed' | 'bad-signature' | 'bad-link'; readonly error: unknown }

/** Never throws. */
export function readAnnouncement(payload: Uint8Array): ReadAnnouncement {
  try {
    const { communityId: signerCommunityId, clockMilliseconds, magnetLink } = decodeMagnetMessage(payload)
    const { infoHash } = decodeMagnetLink(magnetLink)
    return { kind: 'announcement', announcement: { signerCommunityId, clockMilliseconds, magnetLink, infoHash } }
  } catch (error) {
    if (error instanceof UnexpectedMessageTypeError || error instanceof EncryptedMessageError)
      return { kind: 'other-message' }
    if (error instanceof InvalidSignatureError) return { kind: 'refused', reason: 'bad-signature', error }
    if (error instanceof MagnetLinkError) return { kind: 'refused', reason: 'bad-link', error }
    // Whatever it is, the messages behind it are read.
    return { kind: 'refused', reason: 'malformed', error }
  }
}
