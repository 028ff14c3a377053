import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '@annals/crypto'
import { communityIdOfPublicKey, CryptoError, keccak256, recover, sign } from '@annals/crypto'

export const nonceBytes = 32

/** What both sides of a call of an owner's signer know of it. */
export interface Handshake {
  readonly communityId: string
  readonly signerNonce: Uint8Array
  readonly hostNonce: Uint8Array
}

/** By which the host shows that it knows the signer token. */
export function hostProof(token: Secret, handshake: Handshake): Buffer {
  return createHmac('sha256', token.reveal()).update(transcript('annals signer v1 host', handshake)).digest()
}

export function isHostProof(proof: Uint8Array, token: Secret, handshake: Handshake): boolean {
  const expected = hostProof(token, handshake)
  return proof.length === expected.length && timingSafeEqual(proof, expected)
}

/** By which the signer shows that it holds the community's key. */
export function keyProof(privateKey: Secret, handshake: Handshake): Uint8Array {
  return sign(privateKey.reveal(), keyStatement(handshake))
}

export function isKeyProof(signature: Uint8Array, handshake: Handshake): boolean {
  try {
    return communityIdOfPublicKey(recover(signature, keyStatement(handshake))) === handshake.communityId
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

/**
 * The hash that the community's key signs to show that it is there. Byte 7 would be field 0 of wire type 7: whatever a host
 * takes for its nonce, no message of the network has this hash.
 */
function keyStatement(handshake: Handshake): Uint8Array {
  return keccak256(Buffer.concat([Buffer.of(7), transcript('annals signer v1 key', handshake)]))
}

/** Its parts have fixed lengths, so that no two handshakes have the same. */
function transcript(purpose: string, { communityId, signerNonce, hostNonce }: Handshake): Buffer {
  return Buffer.concat([Buffer.from(`${purpose}${communityId}`), signerNonce, hostNonce])
}
