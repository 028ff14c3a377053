import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { Secret } from '@annals/crypto'
import { WrongPassphraseError } from './seal-errors.ts'

const saltBytes = 32
const nonceBytes = 12
const tagBytes = 16
const cipher = 'aes-256-gcm'

/** 64 MiB and some tenths of a second for each guess. */
const cost = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 }

/** A passphrase is a random one, out of a file. */
export const leastPassphraseBytes = 16

/**
 * Encrypts a secret under a passphrase: AES-256-GCM under scrypt with a fresh salt, and what it is about as associated data.
 * Bytes: salt ‖ nonce ‖ ciphertext ‖ tag.
 */
export async function sealWithPassphrase(passphrase: Secret, about: string, secret: Secret): Promise<Uint8Array> {
  const salt = randomBytes(saltBytes)
  const nonce = randomBytes(nonceBytes)
  const encrypt = createCipheriv(cipher, await keyOf(passphrase, salt), nonce)
  encrypt.setAAD(associatedData(about))
  return Buffer.concat([salt, nonce, encrypt.update(secret.reveal()), encrypt.final(), encrypt.getAuthTag()])
}

/** @throws WrongPassphraseError also where the bytes were changed, or are about something else */
export async function openWithPassphrase(passphrase: Secret, about: string, sealed: Uint8Array): Promise<Secret> {
  const salt = sealed.subarray(0, saltBytes)
  const key = await keyOf(passphrase, salt)
  try {
    const nonce = sealed.subarray(saltBytes, saltBytes + nonceBytes)
    const decrypt = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    decrypt.setAAD(associatedData(about))
    decrypt.setAuthTag(sealed.subarray(-tagBytes))
    const encrypted = sealed.subarray(saltBytes + nonceBytes, -tagBytes)
    return new Secret(Buffer.concat([decrypt.update(encrypted), decrypt.final()]))
  } catch (error) {
    throw new WrongPassphraseError(about, { cause: error })
  }
}

function keyOf(passphrase: Secret, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.reveal(), salt, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

function associatedData(about: string): Buffer {
  return Buffer.from(JSON.stringify(['annals passphrase v1', about]))
}
