import { SymmetricKeys, chatId, communityIdOfPrivateKey, contentTopic, fromHex, wakuContentTopic } from '@annals/crypto'
import type { CarriedMessage } from '@annals/waku'
import { describe, expect, it } from 'vitest'
import { pubsubTopic, senderPublicKey, sentMessage } from '../testing/sent-message.ts'
import { ChatTopics } from './chat-topics.ts'
import { openMessage } from './open-message.ts'
import type { OpenedMessage } from './open-message.ts'

const communityId = communityIdOfPrivateKey(new Uint8Array(32).fill(7))
const keys = new SymmetricKeys()
const data = new TextEncoder().encode('said')
const second = 1_000_000_000n

function open(message: CarriedMessage, channels: readonly string[] = ['general']): Promise<OpenedMessage> {
  return openMessage(keys, new ChatTopics(communityId, channels, pubsubTopic), message)
}

const send = (timestampNanoseconds = 5n * second): Promise<CarriedMessage> =>
  sentMessage({ communityId, channelId: 'general', data, timestampNanoseconds })

describe('a message from Waku', () => {
  it('becomes what an archive has: whole seconds, four bytes of topic, the sender’s key, the padding as it came', async () => {
    const sent = await send(1_700_000_000_999_999_999n)
    const opened = await open(sent)
    expect(opened).toMatchObject({ kind: 'message', channelId: 'general' })
    if (opened.kind !== 'message') return
    expect(opened.message).toMatchObject({
      sig: senderPublicKey,
      timestamp: 1_700_000_000,
      topic: contentTopic(chatId(communityId, 'general')),
      hash: fromHex(`0x${sent.hash}`),
      thirdPartyId: '',
    })
    expect(Buffer.from(opened.message.payload).toString()).toBe('said')
    // Flags, length, data, padding and the signature fill multiples of 256 bytes.
    expect((1 + 1 + data.length + opened.message.padding.length + 65) % 256).toBe(0)
  })

  it('is of the channel whose key opens it, where channels share a topic', async () => {
    const channels = ['channel-78738', 'channel-83372']
    expect(new ChatTopics(communityId, channels, pubsubTopic).topics).toHaveLength(1)
    for (const channelId of channels) {
      const sent = await sentMessage({ communityId, channelId, data })
      expect(await open(sent, channels)).toMatchObject({ kind: 'message', channelId })
    }
  })

  it('is refused by a reason where nothing is kept of it', async () => {
    const sent = await send()
    const changed = (change: Partial<CarriedMessage['message']>): CarriedMessage => ({
      ...sent,
      message: { ...sent.message, ...change },
    })
    const damaged = new Uint8Array(sent.message.payload).fill(0, 0, 8)
    const reasons: [CarriedMessage, string][] = [
      [changed({ payload: damaged }), 'not-for-the-chat'],
      [changed({ payload: new Uint8Array() }), 'not-for-the-chat'],
      [changed({ contentTopic: wakuContentTopic('another') }), 'not-for-the-chat'],
      [changed({ isEphemeral: true }), 'ephemeral'],
      [changed({ timestampNanoseconds: 0n }), 'no-time'],
      [changed({ timestampNanoseconds: -second }), 'no-time'],
      [changed({ payload: new Uint8Array(5 * 1024 * 1024) }), 'too-large'],
    ]
    for (const [message, reason] of reasons) expect(await open(message)).toStrictEqual({ kind: 'refused', reason })
  })
})
