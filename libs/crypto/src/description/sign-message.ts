import { toHex } from '../hex.ts'
import { keccak256 } from '../keccak256.ts'
import { recover } from '../sign.ts'
import type { SignHash } from '../waku-payload/sign-hash.ts'
import { encodeApplicationMetadata } from '../wire-messages.ts'
import { ForeignSignerError } from './errors.ts'

/**
 * An encoded ApplicationMetadataMessage that a community signs, with a key that may be elsewhere. The signature is
 * checked, since everybody would take another one for another community's message.
 * @throws ForeignSignerError, InvalidSignatureError, and what `sign` throws
 */
export async function signCommunityMessage(message: {
  readonly communityId: string
  readonly type: number
  readonly payload: Uint8Array
  readonly sign: SignHash
}): Promise<Uint8Array> {
  const { communityId, type, payload, sign } = message
  const hash = keccak256(payload)
  const signature = new Uint8Array(await sign(hash))
  const signer = toHex(recover(signature, hash))
  if (signer !== communityId) throw new ForeignSignerError(signer, communityId)
  // Members refuse a V of 27 or 28.
  if ((signature[64] as number) >= 27) signature[64] = (signature[64] as number) - 27
  return encodeApplicationMetadata({ signature, payload, type })
}
