import { sealForGroup, type EncryptForGroupOptions } from '../ratchet/encrypt-for-group.ts'
import type { SignHash } from '../waku-payload/sign-hash.ts'
import { privatePartName } from './private-part.ts'
import { descriptionMessageType } from './read-description.ts'
import { signCommunityMessage } from './sign-message.ts'
import {
  autoAccept,
  encodeDescriptionFields,
  type CommunityChannel,
  type DescriptionFields,
} from './wire-description.ts'

export interface EncodeDescriptionOptions {
  readonly communityId: string
  readonly clock: number
  readonly name: string
  readonly channels: readonly CommunityChannel[]
  readonly archiveMagnetLinkClockMilliseconds: number
  /** For an encrypted community, which hides its channels: they go into a private part and take a sequence number. */
  readonly encryption: Pick<EncryptForGroupOptions, 'key' | 'seqNo' | 'ratchet'> | undefined
  /** With the community's key. */
  readonly sign: SignHash
}

/**
 * A community's description as an encoded ApplicationMetadataMessage, for a community that was made here (formats §8):
 * publishing it replaces whatever the community said of itself before.
 * @throws InvalidClockError, InvalidSequenceNumberError, ForeignSignerError, InvalidSignatureError, and what `sign` throws
 */
export async function encodeCommunityDescription(options: EncodeDescriptionOptions): Promise<Uint8Array> {
  const { communityId, encryption, sign } = options
  const fields: DescriptionFields = {
    clock: options.clock,
    access: autoAccept,
    name: options.name,
    channels: options.channels,
    archiveMagnetLinkClockMilliseconds: options.archiveMagnetLinkClockMilliseconds,
    becomeMemberPermission: encryption !== undefined,
    id: communityId,
    privateData: new Map(),
  }
  const payload = encodeDescriptionFields(
    encryption === undefined
      ? fields
      : { ...fields, channels: [], privateData: await sealChannels(options.channels, encryption) },
  )
  return signCommunityMessage({ communityId, type: descriptionMessageType, payload, sign })
}

async function sealChannels(
  channels: readonly CommunityChannel[],
  encryption: NonNullable<EncodeDescriptionOptions['encryption']>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const inside = encodeDescriptionFields({
    clock: 0,
    access: 0,
    name: '',
    channels,
    archiveMagnetLinkClockMilliseconds: 0,
    becomeMemberPermission: false,
    id: '',
    privateData: new Map(),
  })
  const sealed = await sealForGroup(inside, encryption)
  return new Map([[privatePartName(encryption.key.keyId, encryption.seqNo), sealed]])
}
