import { describe, expect, it } from 'vitest'
import { readVector, skipVectors, vectorsNote } from '../../testing/vectors.ts'
import {
  contentTopic,
  decryptWakuPayload,
  deriveSymmetricKey,
  fromHex,
  InvalidSignatureError,
  toHex,
  unwrapPublicMessage,
  wakuContentTopic,
  wakuMessageHash,
  wakuPubsubTopic,
  wrapPublicMessage,
} from '../index.ts'

interface Ids {
  readonly chats: readonly {
    readonly chatId: string
    readonly contentTopic: string
    readonly wakuContentTopic: string
    readonly symmetricKey: string
  }[]
}

interface Announcement {
  readonly applicationMetadataMessage: string
  readonly asStoredForArchives: Record<'hash' | 'padding' | 'payload' | 'sig' | 'topic', string>
  readonly chatId: string
  readonly contentTopic: string
  readonly protocolMessage: string
  readonly pubsubTopic: string
  readonly symmetricKey: string
  readonly timestampNanoseconds: string
  readonly wakuPayload: string
}

interface Frames {
  readonly signer: string
  readonly symmetricKey: string
  readonly frames: readonly {
    readonly dataLength: number
    readonly signed: boolean
    readonly paddingLength: number
    readonly wakuPayload?: string
  }[]
}

describe.skipIf(skipVectors)(`status-go's Waku messages${vectorsNote}`, () => {
  it('are on the topics, and under the keys, that their chats give', async () => {
    for (const chat of readVector<Ids>('magnet-message/ids.json').chats) {
      expect(toHex(contentTopic(chat.chatId))).toBe(chat.contentTopic)
      expect(wakuContentTopic(chat.chatId)).toBe(chat.wakuContentTopic)
      expect(toHex(await deriveSymmetricKey(chat.chatId))).toBe(chat.symmetricKey)
    }
    expect(wakuPubsubTopic({ clusterId: 16, shard: 32 })).toBe('/waku/2/rs/16/32')
  })

  it('give what an archive keeps of them', async () => {
    for (const message of readVector<Announcement[]>('magnet-message/magnet-message.json')) {
      const payload = fromHex(message.wakuPayload)
      const { data, padding, senderPublicKey } = await decryptWakuPayload(payload, fromHex(message.symmetricKey))
      const hash = wakuMessageHash({
        pubsubTopic: message.pubsubTopic,
        payload,
        contentTopic: wakuContentTopic(message.chatId),
        meta: new Uint8Array(0),
        timestampNanoseconds: BigInt(message.timestampNanoseconds),
      })
      const kept = { payload: toHex(data), padding: toHex(padding), sig: toHex(senderPublicKey), hash: toHex(hash) }
      expect(message.asStoredForArchives).toMatchObject(kept)
    }
  })

  it('hold the announcement, wrapped as it is here', () => {
    const messages = readVector<Announcement[]>('magnet-message/magnet-message.json')
    for (const { protocolMessage, applicationMetadataMessage } of messages) {
      expect(toHex(unwrapPublicMessage(fromHex(protocolMessage)))).toBe(applicationMetadataMessage)
      expect(toHex(unwrapPublicMessage(fromHex(applicationMetadataMessage)))).toBe(applicationMetadataMessage)
    }
    const [, least] = messages
    expect(toHex(wrapPublicMessage(fromHex(least!.applicationMetadataMessage)))).toBe(least!.protocolMessage)
  })

  it('have their frames read at every limit of length and padding, and unsigned ones refused', async () => {
    const { frames, symmetricKey, signer } = readVector<Frames>('magnet-message/rfc26-frames.json')
    const given = frames.filter((frame) => frame.wakuPayload !== undefined)
    expect(given.length).toBeGreaterThan(15)
    for (const { wakuPayload, signed, dataLength, paddingLength } of given) {
      const opening = decryptWakuPayload(fromHex(wakuPayload!), fromHex(symmetricKey))
      if (!signed) {
        await expect(opening).rejects.toThrow(InvalidSignatureError)
        continue
      }
      const { data, padding, senderPublicKey } = await opening
      expect([data.length, padding.length]).toEqual([dataLength, paddingLength])
      expect(toHex(Uint8Array.of(2 + (senderPublicKey[64]! & 1), ...senderPublicKey.subarray(1, 33)))).toBe(signer)
    }
  })
})
