import type { PayloadCodec } from '@annals/channels/waku'
import {
  CryptoError,
  decryptWakuPayload,
  encryptWakuPayload,
  sign,
  unwrapPublicMessage,
  wakuContentTopic,
  wrapPublicMessage,
} from '@annals/crypto'
import type { SegmentAssembler, SymmetricKeys } from '@annals/crypto'

/**
 * Announcements, that is ApplicationMetadataMessages, as they travel on Waku (formats §5): each one the public message of a
 * ProtocolMessage, in a payload of RFC 26 under the chat's key. One that came bare is read as well, and one that came in segments
 * when the last of them is here.
 * @param privateKey the sender's own, 32 bytes
 */
export function announcementCodec(
  keys: SymmetricKeys,
  segments: SegmentAssembler,
  privateKey: Uint8Array,
): PayloadCodec {
  return {
    contentTopicOf: wakuContentTopic,
    async encrypt(chatId, payload) {
      const symmetricKey = await keys.of(chatId)
      return encryptWakuPayload({
        data: wrapPublicMessage(payload),
        symmetricKey,
        sign: (hash) => sign(privateKey, hash),
      })
    },
    async decrypt(chatId, encrypted) {
      const symmetricKey = await keys.of(chatId)
      try {
        const arrived = await decryptWakuPayload(encrypted, symmetricKey)
        const assembled = segments.add({ chatId, ...arrived }, performance.now())
        return assembled.kind === 'whole' ? unwrapPublicMessage(assembled.bytes) : undefined
      } catch (error) {
        if (error instanceof CryptoError) return undefined
        throw error
      }
    },
  }
}
