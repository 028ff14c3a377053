import { describe, expect, it } from 'vitest'
import { readVector, skipVectors, vectorsNote } from '../../testing/vectors.ts'
import {
  compressPublicKey,
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

interface Frame {
  readonly dataLength: number
  readonly signed: boolean
  readonly paddingLength: number
  readonly wakuPayload?: string
}

type WholeFrame = Frame & { readonly wakuPayload: string }

interface Frames {
  readonly signer: string
  readonly symmetricKey: string
  readonly frames: readonly Frame[]
}

describe.skipIf(skipVectors)(`status-go's Waku messages${vectorsNote}`, () => {
  it('are on the topics, and under the keys, that their chats give', async () => {
    for (const chat of (readVector('magnet-message/ids.json') as Ids).chats) {
      expect(toHex(contentTopic(chat.chatId))).toBe(chat.contentTopic)
      expect(wakuContentTopic(chat.chatId)).toBe(chat.wakuContentTopic)
      expect(toHex(await deriveSymmetricKey(chat.chatId))).toBe(chat.symmetricKey)
    }
    expect(wakuPubsubTopic({ clusterId: 16, shard: 32 })).toBe('/waku/2/rs/16/32')
  })

  it('give what an archive keeps of them', async () => {
    for (const message of readVector('magnet-message/magnet-message.json') as Announcement[]) {
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
    const messages = readVector('magnet-message/magnet-message.json') as Announcement[]
    for (const { protocolMessage, applicationMetadataMessage } of messages) {
      expect(toHex(unwrapPublicMessage(fromHex(protocolMessage)))).toBe(applicationMetadataMessage)
      expect(toHex(unwrapPublicMessage(fromHex(applicationMetadataMessage)))).toBe(applicationMetadataMessage)
    }
    const [, least] = messages
    expect(toHex(wrapPublicMessage(fromHex(least!.applicationMetadataMessage)))).toBe(least!.protocolMessage)
  })

  it('have their frames read at every limit of length and padding', async () => {
    const { frames, symmetricKey, signer } = wholeFrames()
    const signed = frames.filter((frame) => frame.signed)
    expect(signed.length).toBeGreaterThan(7)
    for (const { wakuPayload, dataLength, paddingLength } of signed) {
      const { data, padding, senderPublicKey } = await decryptWakuPayload(fromHex(wakuPayload), symmetricKey)
      expect([data.length, padding.length]).toEqual([dataLength, paddingLength])
      expect(toHex(compressPublicKey(senderPublicKey))).toBe(signer)
    }
  })

  it('without a signature are refused', async () => {
    const { frames, symmetricKey } = wholeFrames()
    const unsigned = frames.filter((frame) => !frame.signed)
    expect(unsigned.length).toBeGreaterThan(7)
    for (const { wakuPayload } of unsigned)
      await expect(decryptWakuPayload(fromHex(wakuPayload), symmetricKey)).rejects.toThrow(InvalidSignatureError)
  })
})

/** The frames that are given in whole; of the largest only the lengths are. */
function wholeFrames(): { frames: WholeFrame[]; symmetricKey: Uint8Array; signer: string } {
  const { frames, symmetricKey, signer } = readVector('magnet-message/rfc26-frames.json') as Frames
  const whole = frames.filter((frame): frame is WholeFrame => frame.wakuPayload !== undefined)
  return { frames: whole, symmetricKey: fromHex(symmetricKey), signer }
}
