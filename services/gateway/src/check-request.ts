import type { EventName } from '@annals/events'
import type { Chat } from '@annals/proto/api/v1'
import type { CommunityDocument } from '@annals/storage'
import { randomUUID } from 'node:crypto'
import { isCommunityIdText } from '@annals/archive'
import { UnknownCommunityError } from '@annals/community'
import { eventNames, isEventName } from '@annals/events'
import { InvalidPrivateKeyError, Secret, parseCommunityId } from '@annals/crypto'
import { InvalidRequestError, NotControlNodeError } from './gateway-errors.ts'
import type { GatewayContext } from './server/gateway-context.ts'

const maxNameLength = 100
const maxChats = 10_000

/** Requests hold at most so many messages or records. */
export const maxBatch = 10_000

/** @throws InvalidRequestError unless the text is a community's id, with a key that is on the curve */
export function checkCommunityId(text: string, field = 'community_id'): string {
  try {
    if (isCommunityIdText(text)) {
      parseCommunityId(text)
      return text
    }
  } catch {
    // The same as any other text that is none.
  }
  throw new InvalidRequestError({
    field,
    description: 'must be a community id: 0x and the 66 lower-case hex digits of a compressed public key',
  })
}

/** Keeps a private key that came with a request. @throws InvalidRequestError, in which nothing of the key stands */
export async function keepGivenKey(
  { keys }: GatewayContext,
  given: Uint8Array,
  field: string,
): Promise<{ readonly communityId: string; readonly added: boolean }> {
  try {
    return await keys.communities.put(new Secret(given))
  } catch (error) {
    if (!(error instanceof InvalidPrivateKeyError)) throw error
    throw new InvalidRequestError({ field, description: 'must be a secp256k1 key of 32 bytes' })
  }
}

/** @throws InvalidRequestError, UnknownCommunityError */
export async function knownCommunity(context: GatewayContext, communityId: string): Promise<CommunityDocument> {
  const community = await context.registry.get(checkCommunityId(communityId))
  if (community === undefined) throw new UnknownCommunityError(communityId)
  return community
}

/** @throws as `knownCommunity`, and NotControlNodeError */
export async function controlledCommunity(context: GatewayContext, communityId: string): Promise<CommunityDocument> {
  const community = await knownCommunity(context, communityId)
  if (!community.controlNode) throw new NotControlNodeError(communityId)
  return community
}

/** @throws InvalidRequestError for a name that is too long or has control characters */
export function checkName(text: string, field: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text.length <= maxNameLength && !/[\u0000-\u001f\u007f]/.test(text)) return text
  throw new InvalidRequestError({
    field,
    description: `must have at most ${maxNameLength} characters, none of control`,
  })
}

/** Chats as they came, with a new channel id where there was none. @throws InvalidRequestError */
export function checkChats(chats: readonly Chat[]): Chat[] {
  if (chats.length > maxChats)
    throw new InvalidRequestError({ field: 'chats', description: `must be at most ${maxChats}` })
  return chats.map(({ channelId, name }, i) => {
    checkChannelId(channelId, `chats[${i}].channel_id`)
    return { channelId: channelId === '' ? randomUUID() : channelId, name: checkName(name, `chats[${i}].name`) }
  })
}

/** @throws InvalidRequestError; an empty one passes */
export function checkChannelId(channelId: string, field: string): string {
  if (/^[\w.-]{0,128}$/.test(channelId)) return channelId
  throw new InvalidRequestError({ field, description: 'must have 1 to 128 letters, digits, or any of "_.-"' })
}

/** @throws InvalidRequestError unless it is the name of an event */
export function checkEventName(name: string, field: string): EventName {
  if (isEventName(name)) return name
  throw new InvalidRequestError({ field, description: `must be one of ${eventNames.join(', ')}` })
}

/** A range of Unix seconds. @throws InvalidRequestError */
export function checkRange(range: { from?: number | undefined; to?: number | undefined }): {
  from?: number
  to?: number
} {
  const { from, to } = range
  for (const [field, value] of Object.entries({ from, to }))
    if (value !== undefined && value < 0) throw new InvalidRequestError({ field, description: 'must not be negative' })
  if (from !== undefined && to !== undefined && from > to)
    throw new InvalidRequestError({ field: 'to', description: 'must not be before "from"' })
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}

/** @throws InvalidRequestError */
export function checkBatchLength(length: number, field: string): void {
  if (length > maxBatch) throw new InvalidRequestError({ field, description: `must be at most ${maxBatch} a request` })
}
