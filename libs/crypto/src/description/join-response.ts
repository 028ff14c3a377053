import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { readApplicationMessage, signerOf } from '../application-message.ts'
import { InvalidMessageBytesError, UnexpectedMessageTypeError } from '../errors.ts'
import { fromHex, toHex } from '../hex.ts'
import type { SignHash } from '../waku-payload/sign-hash.ts'
import { readFields } from '../wire-messages.ts'
import { ForeignSignerError } from './errors.ts'
import { signCommunityMessage } from './sign-message.ts'

/** COMMUNITY_REQUEST_TO_JOIN_RESPONSE of `ApplicationMetadataMessage.Type`. */
export const joinResponseMessageType = 48

/** A community's answer to who asked to join: the second door for a magnet link (formats §6). */
export interface JoinResponse {
  /** Who signed it, and whom it is about. */
  readonly communityId: string
  readonly accepted: boolean
  /** As it came; `undefined` where the community has no archives. */
  readonly magnetLink: string | undefined
}

/**
 * An encoded ApplicationMetadataMessage, signed by the community.
 * @throws InvalidHexError, ForeignSignerError, InvalidSignatureError, and what `sign` throws
 */
export async function encodeJoinResponse(response: JoinResponse & { readonly sign: SignHash }): Promise<Uint8Array> {
  const { communityId, accepted, magnetLink = '', sign } = response
  const writer = new BinaryWriter()
  if (accepted) writer.tag(3, WireType.Varint).bool(true)
  writer.tag(5, WireType.LengthDelimited).bytes(fromHex(communityId))
  if (magnetLink !== '') writer.tag(6, WireType.LengthDelimited).string(magnetLink)
  return signCommunityMessage({ communityId, type: joinResponseMessageType, payload: writer.finish(), sign })
}

/**
 * Reads an answer, bare or in a ProtocolMessage, that the community it is about signed.
 * @throws UnexpectedMessageTypeError or EncryptedMessageError for another message, which a reader of the channel
 * ignores; InvalidMessageBytesError, InvalidSignatureError, ForeignSignerError for a broken or forged one
 */
export function decodeJoinResponse(bytes: Uint8Array): JoinResponse {
  const message = readApplicationMessage(bytes)
  if (message.type !== joinResponseMessageType)
    throw new UnexpectedMessageTypeError(joinResponseMessageType, message.type)
  const { accepted, communityId, magnetLink } = decodePayload(message.payload)
  const signer = toHex(signerOf(message))
  if (signer !== communityId) throw new ForeignSignerError(signer, communityId)
  return { communityId, accepted, magnetLink }
}

function decodePayload(bytes: Uint8Array): JoinResponse {
  let accepted = false
  let communityId: Uint8Array = new Uint8Array(0)
  let magnetLink = ''
  readFields('CommunityRequestToJoinResponse', bytes, (reader, field, wireType) => {
    if (field === 3 && wireType === WireType.Varint) accepted = reader.bool()
    else if (field === 5 && wireType === WireType.LengthDelimited) communityId = reader.bytes()
    else if (field === 6 && wireType === WireType.LengthDelimited) magnetLink = reader.string(true)
    else return false
    return true
  })
  if (communityId.length !== 33)
    throw new InvalidMessageBytesError('CommunityRequestToJoinResponse', 'it names no community')
  return { accepted, communityId: toHex(communityId), magnetLink: magnetLink === '' ? undefined : magnetLink }
}
