import { WrongLengthError } from '../errors.ts'
import { UndecryptableError } from './errors.ts'

export const nonceBytes = 12
const tagBytes = 16

/** What encryption adds to the bytes: tag and nonce. */
export const sealOverheadBytes = tagBytes + nonceBytes

export function randomNonce(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(nonceBytes))
}

/** AES-256-GCM without additional data: ciphertext ‖ tag, the nonce being the caller's to append. */
export async function seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Promise<Uint8Array> {
  const imported = await importKey(key, 'encrypt')
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: bytesOf(nonce) }, imported, bytesOf(plain)))
}

/**
 * Opens ciphertext ‖ tag ‖ nonce.
 * @throws UndecryptableError
 */
export async function open(what: string, key: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length < sealOverheadBytes) throw new UndecryptableError(what)
  const imported = await importKey(key, 'decrypt')
  const nonceAt = sealed.length - nonceBytes
  const iv = bytesOf(sealed.subarray(nonceAt))
  try {
    const ciphertext = bytesOf(sealed.subarray(0, nonceAt))
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, imported, ciphertext))
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'OperationError') throw new UndecryptableError(what, { cause })
    throw cause
  }
}

async function importKey(key: Uint8Array, usage: 'encrypt' | 'decrypt'): ReturnType<typeof crypto.subtle.importKey> {
  if (key.length !== 32) throw new WrongLengthError('an AES-256 key', 32, key.length)
  return crypto.subtle.importKey('raw', bytesOf(key), 'AES-GCM', false, [usage])
}

/** Web Cryptography is typed for memory that no other thread shares, and none of ours does. */
function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
