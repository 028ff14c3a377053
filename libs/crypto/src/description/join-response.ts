import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { readApplicationMessage, signerOf, unwrapApplicationMessage } from '../application-message.ts'
import { InvalidMessageBytesError, UnexpectedMessageTypeError } from '../errors.ts'
import { fromHex, toHex } from '../hex.ts'
import type { SignHash } from '../waku-payload/sign-hash.ts'
import { readFields } from '../wire-messages.ts'
import { ForeignSignerError } from './errors.ts'
import { descriptionMessageType } from './read-description.ts'
import { signCommunityMessage } from './sign-message.ts'
import { decodeDescriptionFields, encodeMagnetLinkClock } from './wire-description.ts'

/** COMMUNITY_REQUEST_TO_JOIN_RESPONSE of `ApplicationMetadataMessage.Type`. */
export const joinResponseMessageType = 48

/** A community's answer to who asked to join: the second door for a magnet link (formats §6). */
export interface JoinResponse {
  /** Who signed it, and whom it is about. */
  readonly communityId: string
  readonly accepted: boolean
  /** As it came; `undefined` where the community has no archives. */
  readonly magnetLink: string | undefined
  /** Of the description that comes with it: the clock of the announcement that the link is of. 0 where it does not say. */
  readonly archiveMagnetLinkClockMilliseconds: number
}

/**
 * An encoded ApplicationMetadataMessage, signed by the community.
 * @throws InvalidHexError, InvalidClockError, ForeignSignerError, InvalidSignatureError, and what `sign` throws
 */
export async function encodeJoinResponse(response: JoinResponse & { readonly sign: SignHash }): Promise<Uint8Array> {
  const { communityId, accepted, magnetLink = '', archiveMagnetLinkClockMilliseconds: clock, sign } = response
  const writer = new BinaryWriter()
  if (clock !== 0) writer.tag(2, WireType.LengthDelimited).bytes(encodeMagnetLinkClock(clock))
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
  const { clock, signedDescription, ...response } = decodePayload(message.payload)
  const { communityId } = response
  const signer = toHex(signerOf(message))
  if (signer !== communityId) throw new ForeignSignerError(signer, communityId)
  const signedClock = signedDescription === undefined ? 0 : clockOf(signedDescription, communityId)
  return { ...response, archiveMagnetLinkClockMilliseconds: Math.max(clock, signedClock) }
}

/** @throws as `decodeJoinResponse` */
function clockOf(signedDescription: Uint8Array, communityId: string): number {
  const { type, payload, signer } = unwrapApplicationMessage(signedDescription)
  if (type !== descriptionMessageType) throw new UnexpectedMessageTypeError(descriptionMessageType, type)
  if (toHex(signer) !== communityId) throw new ForeignSignerError(toHex(signer), communityId)
  return decodeDescriptionFields(payload).archiveMagnetLinkClockMilliseconds
}

interface Payload extends Omit<JoinResponse, 'archiveMagnetLinkClockMilliseconds'> {
  /** Of the description as older nodes put it in. */
  readonly clock: number
  /** As newer nodes put it in: signed, maybe by an owner whose node did not answer itself. */
  readonly signedDescription: Uint8Array | undefined
}

function decodePayload(bytes: Uint8Array): Payload {
  let accepted = false
  let communityId: Uint8Array = new Uint8Array(0)
  let magnetLink = ''
  let clock = 0
  let signedDescription: Uint8Array | undefined
  readFields('CommunityRequestToJoinResponse', bytes, (reader, field, wireType) => {
    if (field === 3 && wireType === WireType.Varint) accepted = reader.bool()
    else if (field === 5 && wireType === WireType.LengthDelimited) communityId = reader.bytes()
    else if (field === 6 && wireType === WireType.LengthDelimited) magnetLink = reader.string(true)
    else if (field === 2 && wireType === WireType.LengthDelimited)
      clock = decodeDescriptionFields(reader.bytes()).archiveMagnetLinkClockMilliseconds
    else if (field === 9 && wireType === WireType.LengthDelimited) signedDescription = reader.bytes()
    else return false
    return true
  })
  if (communityId.length !== 33)
    throw new InvalidMessageBytesError('CommunityRequestToJoinResponse', 'it names no community')
  const link = magnetLink === '' ? undefined : magnetLink
  return { accepted, communityId: toHex(communityId), magnetLink: link, clock, signedDescription }
}
