import { readApplicationMessage, signerOf } from '../application-message.ts'
import { UnexpectedMessageTypeError, InvalidMessageBytesError, type CryptoError } from '../errors.ts'
import { toHex } from '../hex.ts'
import type { DecryptForGroupOptions, WantedGroupKey } from '../ratchet/decrypt-for-group.ts'
import { ForeignSignerError } from './errors.ts'
import { openPrivatePart } from './private-part.ts'
import { decodeDescriptionFields, type CommunityChannel } from './wire-description.ts'

/** COMMUNITY_DESCRIPTION of `ApplicationMetadataMessage.Type`. */
export const descriptionMessageType = 25

/** What a community says of itself, as far as archives need it (formats §8). */
export interface CommunityDescription {
  /** Who signed it. */
  readonly communityId: string
  /** Of several descriptions the one with the highest clock counts. */
  readonly clock: number
  readonly name: string
  /** Those outside, and those of the private parts that could be opened; by channel id. */
  readonly channels: readonly CommunityChannel[]
  /** 0 where no archive was announced yet. */
  readonly archiveMagnetLinkClockMilliseconds: number
  /** Whether archives of the community are encrypted. */
  readonly encrypted: boolean
  /** The keys of private parts that were not there: channels may be missing until they come. */
  readonly missingKeys: readonly WantedGroupKey[]
  /** Private parts that nothing can be made of. */
  readonly refusedParts: readonly CryptoError[]
}

/**
 * Reads a community's description, bare or in a ProtocolMessage, and opens what of it is encrypted for members.
 * @throws UnexpectedMessageTypeError or EncryptedMessageError for another message, which a reader of the channel
 * ignores; InvalidMessageBytesError, InvalidSignatureError, ForeignSignerError for a broken or forged one;
 * GroupKeyMismatchError, and what the look-up of keys throws
 */
export async function readCommunityDescription(
  bytes: Uint8Array,
  options: DecryptForGroupOptions,
): Promise<CommunityDescription> {
  const message = readApplicationMessage(bytes)
  if (message.type !== descriptionMessageType)
    throw new UnexpectedMessageTypeError(descriptionMessageType, message.type)
  const fields = decodeDescriptionFields(message.payload)
  if (fields.access === 0) throw new InvalidMessageBytesError('CommunityDescription', 'it does not say who may join')
  const communityId = toHex(signerOf(message))
  if (fields.id !== '' && fields.id.toLowerCase() !== communityId) throw new ForeignSignerError(communityId, fields.id)

  const channels = new Map(fields.channels.map((channel) => [channel.channelId, channel]))
  const missingKeys: WantedGroupKey[] = []
  const refusedParts: CryptoError[] = []
  for (const [name, sealed] of fields.privateData) {
    const part = await openPrivatePart(name, sealed, options)
    if (part.kind === 'key-missing') missingKeys.push(part.wanted)
    else if (part.kind === 'refused') refusedParts.push(part.error)
    else
      for (const channel of part.fields.channels)
        if (!channels.has(channel.channelId)) channels.set(channel.channelId, channel)
  }
  return {
    communityId,
    clock: fields.clock,
    name: fields.name,
    channels: [...channels.values()].sort((a, b) => (a.channelId < b.channelId ? -1 : 1)),
    archiveMagnetLinkClockMilliseconds: fields.archiveMagnetLinkClockMilliseconds,
    encrypted: fields.becomeMemberPermission,
    missingKeys,
    refusedParts,
  }
}
