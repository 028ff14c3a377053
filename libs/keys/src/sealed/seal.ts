import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { SealedDocument } from '@annals/storage'
import { Secret } from '@annals/crypto'
import type { MasterKey } from '../master/master-key.ts'
import type { MasterKeys } from '../master/master-keys.ts'
import { SealBrokenError, UnknownMasterKeyError } from './seal-errors.ts'

/** What a sealed secret is, and of whom. It is bound to that: moved elsewhere it does not open. */
export interface SealedWhat {
  readonly kind: 'community-key' | 'signer-token' | 'group-key'
  readonly id: string
  /** All else that is stored beside it and must not be changed. */
  readonly beside?: string
}

const saltBytes = 32
const nonceBytes = 12
const tagBytes = 16
const cipher = 'aes-256-gcm'

/**
 * Encrypts a secret under the current master key: AES-256-GCM under HKDF-SHA256 of the master key with a fresh salt, a
 * fresh nonce, and what the secret is as associated data. Bytes: salt ‖ nonce ‖ ciphertext ‖ tag.
 */
export function seal({ current }: MasterKeys, what: SealedWhat, secret: Secret): SealedDocument {
  const salt = randomBytes(saltBytes)
  const nonce = randomBytes(nonceBytes)
  const encrypt = createCipheriv(cipher, recordKey(current, salt), nonce)
  encrypt.setAAD(associatedData(what, current.id))
  const sealed = [salt, nonce, encrypt.update(secret.reveal()), encrypt.final(), encrypt.getAuthTag()]
  return { masterKeyId: current.id, bytes: Buffer.concat(sealed).toString('base64') }
}

/** @throws UnknownMasterKeyError, SealBrokenError, MasterKeyFileError */
export function unseal(masterKeys: MasterKeys, what: SealedWhat, { masterKeyId, bytes }: SealedDocument): Secret {
  const masterKey = masterKeys.find(masterKeyId)
  if (masterKey === undefined) throw new UnknownMasterKeyError(what, masterKeyId, masterKeys.path)
  const sealed = Buffer.from(bytes, 'base64')
  const salt = sealed.subarray(0, saltBytes)
  const nonce = sealed.subarray(saltBytes, saltBytes + nonceBytes)
  try {
    const decrypt = createDecipheriv(cipher, recordKey(masterKey, salt), nonce, { authTagLength: tagBytes })
    decrypt.setAAD(associatedData(what, masterKeyId))
    decrypt.setAuthTag(sealed.subarray(-tagBytes))
    const plain = [decrypt.update(sealed.subarray(saltBytes + nonceBytes, -tagBytes)), decrypt.final()]
    return new Secret(Buffer.concat(plain))
  } catch (error) {
    throw new SealBrokenError(what, { cause: error })
  }
}

/** The salt gives each record a key of its own, so that no nonce can meet another under one key. */
function recordKey({ secret }: MasterKey, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), salt, 'annals sealed v1', 32))
}

function associatedData({ kind, id, beside = '' }: SealedWhat, masterKeyId: string): Buffer {
  return Buffer.from(JSON.stringify(['annals sealed v1', kind, id, beside, masterKeyId]))
}
