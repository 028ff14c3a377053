import type { Announcement } from '@annals/community'
import type { MagnetMessage } from '@annals/crypto'
import { MagnetLinkError, decodeMagnetLink } from '@annals/archive'
import {
  EncryptedMessageError,
  InvalidSignatureError,
  UnexpectedMessageTypeError,
  decodeJoinResponse,
  decodeMagnetMessage,
  ForeignSignerError,
  joinResponseMessageType,
} from '@annals/crypto'

/**
 * What announces archives: an announcement, or a community's answer to who asked to join, which has the newest link in it
 * (formats §6). Why one is refused that seems to be either:
 * - `malformed`: it is not of the form of a message, or of either
 * - `wrong-signer`: somebody else than the community answers
 * - `not-accepted`: the community answers that it does not let the asker in
 * - `bad-signature`: nobody can have made its signature, or it has none
 * - `bad-link`: its magnet link names no torrent
 */
export type ReadAnnouncement =
  | { readonly kind: 'announcement'; readonly announcement: Announcement }
  /** Of another type, or encrypted for some, as a chat may carry; or an answer of a community without archives. */
  | { readonly kind: 'other-message' }
  | { readonly kind: 'refused'; readonly reason: UnreadReason; readonly error: unknown }

export type UnreadReason = 'malformed' | 'bad-signature' | 'wrong-signer' | 'not-accepted' | 'bad-link'

/** Never throws. */
export function readAnnouncement(payload: Uint8Array): ReadAnnouncement {
  try {
    return announced(decodeMagnetMessage(payload))
  } catch (error) {
    if (error instanceof UnexpectedMessageTypeError && error.found === joinResponseMessageType)
      return readAnswer(payload)
    return unread(error)
  }
}

function readAnswer(payload: Uint8Array): ReadAnnouncement {
  try {
    const { communityId, accepted, magnetLink, archiveMagnetLinkClockMilliseconds } = decodeJoinResponse(payload)
    if (!accepted) return { kind: 'refused', reason: 'not-accepted', error: undefined }
    if (magnetLink === undefined) return { kind: 'other-message' }
    return announced({ communityId, clockMilliseconds: archiveMagnetLinkClockMilliseconds, magnetLink })
  } catch (error) {
    return unread(error)
  }
}

function announced({ communityId, clockMilliseconds, magnetLink }: MagnetMessage): ReadAnnouncement {
  const { infoHash } = decodeMagnetLink(magnetLink)
  return {
    kind: 'announcement',
    announcement: { signerCommunityId: communityId, clockMilliseconds, magnetLink, infoHash },
  }
}

function unread(error: unknown): ReadAnnouncement {
  if (error instanceof UnexpectedMessageTypeError || error instanceof EncryptedMessageError)
    return { kind: 'other-message' }
  if (error instanceof ForeignSignerError) return { kind: 'refused', reason: 'wrong-signer', error }
  if (error instanceof InvalidSignatureError) return { kind: 'refused', reason: 'bad-signature', error }
  if (error instanceof MagnetLinkError) return { kind: 'refused', reason: 'bad-link', error }
  // Whatever it is, the messages behind it are read.
  return { kind: 'refused', reason: 'malformed', error }
}
