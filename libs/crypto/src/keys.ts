import { secp256k1 } from '@noble/curves/secp256k1.js'
import { InvalidPrivateKeyError, InvalidPublicKeyError, WrongLengthError } from './errors.ts'

/** Random bytes that make a private key: half as many again as it has, so that no key is likelier than another. */
export const privateKeySeedBytes = 48

/** The private key that 48 random bytes give; the same bytes give the same key. @throws WrongLengthError */
export function privateKeyFromRandom(randomBytes: Uint8Array): Uint8Array {
  if (randomBytes.length !== privateKeySeedBytes)
    throw new WrongLengthError('the random bytes for a private key', privateKeySeedBytes, randomBytes.length)
  return secp256k1.utils.randomSecretKey(randomBytes)
}

/** 33 bytes. @throws InvalidPrivateKeyError */
export function compressedPublicKey(privateKey: Uint8Array): Uint8Array {
  return publicKey(privateKey, true)
}

/** 65 bytes, as in a message's `sig`. @throws InvalidPrivateKeyError */
export function uncompressedPublicKey(privateKey: Uint8Array): Uint8Array {
  return publicKey(privateKey, false)
}

function publicKey(privateKey: Uint8Array, compressed: boolean): Uint8Array {
  try {
    return secp256k1.getPublicKey(privateKey, compressed)
  } catch (cause) {
    throw new InvalidPrivateKeyError(privateKey.length, { cause })
  }
}

/** The 33-byte form of a public key in either form; the point is checked. @throws InvalidPublicKeyError */
export function compressPublicKey(key: Uint8Array): Uint8Array {
  try {
    return secp256k1.Point.fromBytes(key).toBytes(true)
  } catch (cause) {
    throw new InvalidPublicKeyError(key.length, { cause })
  }
}

/** The 65-byte form of a public key in either form; the point is checked. @throws InvalidPublicKeyError */
export function uncompressPublicKey(key: Uint8Array): Uint8Array {
  try {
    return secp256k1.Point.fromBytes(key).toBytes(false)
  } catch (cause) {
    throw new InvalidPublicKeyError(key.length, { cause })
  }
}
