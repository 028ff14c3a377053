import { keccak_256 } from '@noble/hashes/sha3.js'
import { InvalidCommunityIdError } from './errors.ts'
import { fromHex, toHex } from './hex.ts'
import { compressedPublicKey, compressPublicKey } from './keys.ts'

const utf8 = new TextEncoder()

/**
 * The 33-byte public key that a community's id says, checked to be a point of the curve (formats §1).
 * @throws InvalidCommunityIdError
 */
export function parseCommunityId(text: string): Uint8Array {
  if (!/^0x0[23][0-9a-f]{64}$/.test(text)) throw new InvalidCommunityIdError(text)
  try {
    return compressPublicKey(fromHex(text))
  } catch (cause) {
    throw new InvalidCommunityIdError(text, { cause })
  }
}

/** The id of the community that has a public key, in either form. @throws InvalidPublicKeyError */
export function communityIdOfPublicKey(publicKey: Uint8Array): string {
  return toHex(compressPublicKey(publicKey))
}

/** The id of the community that has a private key. @throws InvalidPrivateKeyError */
export function communityIdOfPrivateKey(privateKey: Uint8Array): string {
  return toHex(compressedPublicKey(privateKey))
}

/** The id of a community's chat: the community id's text and the channel's (formats §1). */
export function chatId(communityId: string, channelId: string): string {
  return communityId + channelId
}

/** The id of a chat that a community announces on, such as `magnetlinks` (formats §1). */
export function announceChatId(communityId: string, channel: string): string {
  return `${communityId}-${channel}`
}

/** The 4 bytes of a chat's content topic. */
export function contentTopic(chatId: string): Uint8Array {
  return keccak_256(utf8.encode(chatId)).slice(0, 4)
}
