import { keccak256 } from '../keccak256.ts'
import { nonceBytes, randomNonce, seal } from '../ratchet/aes-gcm.ts'
import { layOutFrame, putSignature } from './frame.ts'
import type { SignHash } from './sign-hash.ts'

/**
 * The payload of a Waku message (version 1) for all who know a chat: data in a signed, padded frame, encrypted with the
 * chat's key (RFC 26, formats §5). The signature is the sender's own, not the community's.
 * @throws WakuDataTooLargeError, InvalidSignatureError, WrongLengthError for the key, and what `sign` throws
 */
export async function encryptWakuPayload(options: {
  readonly data: Uint8Array
  /** 32 bytes, from `SymmetricKeys`. */
  readonly symmetricKey: Uint8Array
  readonly sign: SignHash
}): Promise<Uint8Array> {
  const { data, symmetricKey, sign } = options
  const { frame, toSign } = layOutFrame(data)
  putSignature(frame, await sign(keccak256(toSign)))
  const nonce = randomNonce()
  const sealed = await seal(symmetricKey, nonce, frame)
  const payload = new Uint8Array(sealed.length + nonceBytes)
  payload.set(sealed)
  payload.set(nonce, sealed.length)
  return payload
}
