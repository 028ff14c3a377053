import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { PayloadCodec } from '../payload-codec.ts'

const nonceBytes = 12
const tagBytes = 16

/**
 * A codec for tests of the channel alone: other bytes each time, readable with the chat's key only, as the real one.
 * @param world keeps the chats of one test apart from those of others on the same nodes
 */
export function testCodec(world: string): PayloadCodec {
  const keyOf = (chatId: string): Buffer => createHash('sha256').update(`${world} ${chatId}`).digest()
  return {
    contentTopicOf: (chatId) => `/waku/1/0x${keyOf(chatId).toString('hex').slice(0, 8)}/rfc26`,
    encrypt(chatId, payload) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keyOf(chatId), nonce)
      return Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag(), nonce])
    },
    decrypt(chatId, encrypted) {
      if (encrypted.length < nonceBytes + tagBytes) return undefined
      const body = encrypted.subarray(0, -nonceBytes - tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', keyOf(chatId), encrypted.subarray(-nonceBytes))
      decipher.setAuthTag(encrypted.subarray(-nonceBytes - tagBytes, -nonceBytes))
      try {
        return Buffer.concat([decipher.update(body), decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}
