import type { WakuMessage } from '@annals/archive'
import { CryptoError, UndecryptableError, chatId, contentTopic, decryptWakuPayload, fromHex } from '@annals/crypto'
import type { SymmetricKeys, WakuPayload } from '@annals/crypto'
import type { CarriedMessage } from '@annals/waku'
import type { ChatTopics } from './chat-topics.ts'

/**
 * Why nothing is kept of a message: no chat's key opens it (anybody may put anything on a topic), what is inside is not of the
 * form or not signed, it has no time after 1970, it is one that is not to be kept, or no node of the network would pass it on.
 */
export type RefusalReason = 'not-for-the-chat' | 'malformed' | 'no-time' | 'ephemeral' | 'too-large'

/** Nodes pass on 150 KiB where nobody says otherwise. One that hands out more than this must not fill a database. */
const largestBytes = 4 * 1024 * 1024

export type OpenedMessage =
  | { readonly kind: 'message'; readonly channelId: string; readonly message: WakuMessage }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

/** A message as archives keep it (formats §2), of the chat whose key opens it. */
export async function openMessage(
  keys: SymmetricKeys,
  chats: ChatTopics,
  { hash, message: { timestampNanoseconds, contentTopic: topicText, payload, isEphemeral } }: CarriedMessage,
): Promise<OpenedMessage> {
  if (isEphemeral) return { kind: 'refused', reason: 'ephemeral' }
  if (payload.length > largestBytes) return { kind: 'refused', reason: 'too-large' }
  const timestamp = Number(timestampNanoseconds / 1_000_000_000n)
  if (timestamp < 1) return { kind: 'refused', reason: 'no-time' }
  for (const channelId of chats.channelsOf(topicText)) {
    const id = chatId(chats.communityId, channelId)
    const opened = await decrypt(payload, await keys.of(id))
    if (opened === 'not-for-the-chat') continue
    if (opened === 'malformed') return { kind: 'refused', reason: opened }
    const { data, padding, senderPublicKey: sig } = opened
    const message: WakuMessage = {
      sig,
      timestamp,
      topic: contentTopic(id),
      payload: data,
      padding,
      hash: fromHex(`0x${hash}`),
      thirdPartyId: '',
    }
    return { kind: 'message', channelId, message }
  }
  return { kind: 'refused', reason: 'not-for-the-chat' }
}

async function decrypt(
  payload: Uint8Array,
  symmetricKey: Uint8Array,
): Promise<WakuPayload | 'not-for-the-chat' | 'malformed'> {
  try {
    return await decryptWakuPayload(payload, symmetricKey)
  } catch (error) {
    if (error instanceof UndecryptableError) return 'not-for-the-chat'
    if (error instanceof CryptoError) return 'malformed'
    throw error
  }
}
