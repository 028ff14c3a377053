import { readApplicationMessage, signerOf, wrapApplicationMessage } from './application-message.ts'
import { InvalidMessageBytesError, UnexpectedMessageTypeError } from './errors.ts'
import { toHex } from './hex.ts'
import { decodeMagnetPayload, encodeMagnetPayload } from './wire-messages.ts'

/** COMMUNITY_MESSAGE_ARCHIVE_MAGNETLINK of `ApplicationMetadataMessage.Type`. */
export const magnetMessageType = 43

/** A community's announcement of its archives. */
export interface MagnetMessage {
  /** The id of the community whose key signed it. Whether it is the right one is the reader's question. */
  readonly communityId: string
  readonly clockMilliseconds: number
  /** As it came; `decodeMagnetLink` of the archive library reads it. */
  readonly magnetLink: string
}

/**
 * The announcement of a magnet link, signed by the community's key: an encoded ApplicationMetadataMessage (formats §5).
 * The same arguments give the same bytes.
 * @throws InvalidPrivateKeyError, InvalidClockError
 */
export function encodeMagnetMessage(message: {
  readonly privateKey: Uint8Array
  readonly clockMilliseconds: number
  readonly magnetLink: string
}): Uint8Array {
  const { privateKey, clockMilliseconds, magnetLink } = message
  const payload = encodeMagnetPayload({ clockMilliseconds, magnetLink })
  return wrapApplicationMessage({ privateKey, type: magnetMessageType, payload })
}

/**
 * Reads an announcement, bare or in a ProtocolMessage, and finds the community that signed it.
 * @throws UnexpectedMessageTypeError or EncryptedMessageError for another message, which a reader of the channel
 * ignores; InvalidMessageBytesError, InvalidSignatureError for a broken one
 */
export function decodeMagnetMessage(bytes: Uint8Array): MagnetMessage {
  const message = readApplicationMessage(bytes)
  if (message.type !== magnetMessageType) throw new UnexpectedMessageTypeError(magnetMessageType, message.type)
  const { clockMilliseconds, magnetLink } = decodeMagnetPayload(message.payload)
  if (magnetLink === '')
    throw new InvalidMessageBytesError('CommunityMessageArchiveMagnetlink', 'it has no magnet link')
  return { communityId: toHex(signerOf(message)), clockMilliseconds, magnetLink }
}
