import { messageHash } from '../waku-message.ts'
import type { CarriedMessage, WakuMessage } from '../waku-message.ts'

export const sampleTopic = { pubsubTopic: '/waku/2/rs/16/32', contentTopic: '/waku/1/0x9c22ff5f/rfc26' }

/** A message with a time that JavaScript's numbers cannot hold. */
export function sampleMessage(
  number: number,
  topic = sampleTopic,
  timestampNanoseconds = 1_732_000_000_000_000_001n + BigInt(number),
): CarriedMessage {
  const message: WakuMessage = {
    payload: new TextEncoder().encode(`message ${number}`),
    contentTopic: topic.contentTopic,
    meta: new Uint8Array(),
    version: 1,
    timestampNanoseconds,
    isEphemeral: false,
  }
  return { hash: messageHash(topic.pubsubTopic, message), pubsubTopic: topic.pubsubTopic, message }
}
