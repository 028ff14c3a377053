import {
  chatId,
  deriveSymmetricKey,
  encryptWakuPayload,
  sign,
  uncompressedPublicKey,
  wakuContentTopic,
} from '@annals/crypto'
import { messageHash } from '@annals/waku'
import type { CarriedMessage, WakuMessage } from '@annals/waku'

export const pubsubTopic = '/waku/2/rs/16/32'

/** Of whoever sends messages in a test. */
export const senderKey = new Uint8Array(32).fill(99)
export const senderPublicKey = uncompressedPublicKey(senderKey)

export interface SentOptions {
  readonly communityId: string
  /** Empty for the chat on which a community describes itself. */
  readonly channelId: string
  readonly data: Uint8Array
  readonly timestampNanoseconds?: bigint
}

const keys = new Map<string, Promise<Uint8Array>>()

/** A message as a chat application puts it on the network. */
export async function sentMessage(options: SentOptions): Promise<CarriedMessage> {
  const { communityId, channelId, data, timestampNanoseconds = BigInt(Date.now()) * 1_000_000n } = options
  const chat = chatId(communityId, channelId)
  const key = keys.get(chat) ?? deriveSymmetricKey(chat)
  keys.set(chat, key)
  const payload = await encryptWakuPayload({ data, symmetricKey: await key, sign: (hash) => sign(senderKey, hash) })
  return carried({ payload, contentTopic: wakuContentTopic(chat), timestampNanoseconds })
}

export function carried(parts: Pick<WakuMessage, 'payload' | 'contentTopic' | 'timestampNanoseconds'>): CarriedMessage {
  const message: WakuMessage = { ...parts, meta: new Uint8Array(), version: 1, isEphemeral: false }
  return { hash: messageHash(pubsubTopic, message), pubsubTopic, message }
}
