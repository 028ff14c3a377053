import { secp256k1 } from '@noble/curves/secp256k1.js'
import { InvalidPrivateKeyError, InvalidSignatureError, WrongLengthError } from './errors.ts'

const raw = { prehash: false } as const
const recoverable = { prehash: false, format: 'recovered' } as const

/**
 * Signs a 32-byte hash: 65 bytes R ‖ S ‖ V with V 0 or 1. Deterministic (RFC 6979, low S), so the same hash always
 * gets the same signature, and the one that status-go makes.
 * @throws InvalidPrivateKeyError, WrongLengthError
 */
export function sign(privateKey: Uint8Array, hash: Uint8Array): Uint8Array {
  if (hash.length !== 32) throw new WrongLengthError('a hash to sign', 32, hash.length)
  if (!secp256k1.utils.isValidSecretKey(privateKey)) throw new InvalidPrivateKeyError(privateKey.length)
  const vFirst = secp256k1.sign(hash, privateKey, recoverable)
  const signature = new Uint8Array(65)
  signature.set(vFirst.subarray(1), 0)
  signature[64] = vFirst[0] as number
  return signature
}

/**
 * The 33-byte public key of whoever signed a hash. V may be 0 or 1, or 27 or 28 as Ethereum has it.
 * @throws InvalidSignatureError, WrongLengthError
 */
export function recover(signature: Uint8Array, hash: Uint8Array): Uint8Array {
  if (hash.length !== 32) throw new WrongLengthError('a signed hash', 32, hash.length)
  if (signature.length !== 65) throw new InvalidSignatureError(`it has ${signature.length} bytes instead of 65`)
  const last = signature[64] as number
  const v = last >= 27 ? last - 27 : last
  if (v > 1) throw new InvalidSignatureError(`its V is ${last}`)
  const vFirst = new Uint8Array(65)
  vFirst[0] = v
  vFirst.set(signature.subarray(0, 64), 1)
  try {
    return secp256k1.recoverPublicKey(vFirst, hash, raw)
  } catch (cause) {
    throw new InvalidSignatureError('no key can have made it', { cause })
  }
}

/**
 * Spends about half a second and 30 MB on tables that make every later signature of this process about a fifth
 * cheaper. Worth it before some thousands of them, that is before an import.
 */
export function prepareManySignatures(): void {
  secp256k1.Point.BASE.precompute(10, false)
}
