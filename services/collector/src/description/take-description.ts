import {
  CryptoError,
  EncryptedMessageError,
  ForeignSignerError,
  UnexpectedMessageTypeError,
  readCommunityDescription,
} from '@annals/crypto'
import type { CommunityDescription, DecryptForGroupOptions } from '@annals/crypto'
import { MasterKeyFileError, SealBrokenError, UnknownMasterKeyError } from '@annals/keys'
import type { ServiceContext } from '@annals/service'
import { communityDescriptions, describedClocks, updateDocument } from '@annals/storage'
import { followDescription } from './follow-description.ts'

const unreadable = [MasterKeyFileError, SealBrokenError, UnknownMasterKeyError]

/**
 * Why a message on the chat of a community changes nothing: it is another message, somebody else signed it, it is none of the
 * form, or not all of it can be read.
 */
export type DescriptionRefusal =
  | 'no-description'
  | 'foreign-description'
  | 'malformed-description'
  | 'hidden-description'

/**
 * Takes in what a community says of itself, where that is newer than what it said before. What is none of its descriptions
 * has no effect; one whose chats cannot be read without a key is left alone, as what is not seen of it may be all. It is
 * asked for again when the key comes.
 * @param data the inside of a Waku payload
 * @returns why it has no effect; `undefined` also where it is no newer than what is known
 * @throws what the state store and the registry throw
 */
export async function takeDescription(
  context: ServiceContext,
  communityId: string,
  data: Uint8Array,
): Promise<DescriptionRefusal | undefined> {
  const description = await read(context, communityId, data)
  if (typeof description === 'string') return description
  const { clock, channels } = description
  await takeMagnetLinkClock(context, description)
  const rows = context.state.collection(communityDescriptions)
  const known = await rows.get(communityId)
  if (known !== undefined && known.value.clock >= clock) return undefined
  const { missingKeys, refusedParts, encrypted } = description
  if (missingKeys.length > 0 || refusedParts.length > 0 || (encrypted && channels.length === 0))
    return 'hidden-description'
  const chats = channels.map(({ channelId, name }) => ({ channelId, name }))
  await updateDocument(rows, communityId, (value) =>
    value !== undefined && value.clock >= clock ? value : { ...value, clock, chats },
  )
  await followDescription(context, communityId)
  return undefined
}

/** Also where the rest of it is hidden, or old: of all that the community said the highest counts. */
async function takeMagnetLinkClock(
  { state }: ServiceContext,
  { communityId, archiveMagnetLinkClockMilliseconds: clockMilliseconds }: CommunityDescription,
): Promise<void> {
  if (clockMilliseconds === 0) return
  await updateDocument(state.collection(describedClocks), communityId, (value) =>
    value !== undefined && value.clockMilliseconds >= clockMilliseconds ? value : { ...value, clockMilliseconds },
  )
}

async function read(
  context: ServiceContext,
  communityId: string,
  data: Uint8Array,
): Promise<CommunityDescription | DescriptionRefusal> {
  try {
    const description = await readCommunityDescription(data, toolsFor(context, communityId))
    if (description.communityId === communityId) return description
    context.log.debug({ communityId, signer: description.communityId }, 'a description is signed by somebody else')
    return 'foreign-description'
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    context.log.debug({ err: error, communityId }, 'a message on the chat of a community is no description of it')
    if (error instanceof UnexpectedMessageTypeError || error instanceof EncryptedMessageError) return 'no-description'
    return error instanceof ForeignSignerError ? 'foreign-description' : 'malformed-description'
  }
}

/** A key that is kept and cannot be read must not hold up the messages: it is as if it were missing. */
function toolsFor({ keys, log }: ServiceContext, communityId: string): DecryptForGroupOptions {
  const { ratchet, lookUpKey } = keys.cipher.tools(communityId)
  return {
    ratchet,
    async lookUpKey(wanted) {
      try {
        return await lookUpKey(wanted)
      } catch (error) {
        if (!unreadable.some((type) => error instanceof type)) throw error
        log.error(
          { err: error, communityId },
          'a group key cannot be read; what it hides of a description stays hidden',
        )
        return undefined
      }
    },
  }
}
