import { nonceBytes, randomNonce, seal } from './aes-gcm.ts'
import { InvalidSequenceNumberError } from './errors.ts'
import type { GroupKey } from './group-key.ts'
import { checkInstallationId } from './installation-id.ts'
import type { RatchetCache } from './ratchet-cache.ts'
import { encodeEncryptedMessage } from './wire-encrypted-message.ts'

const maxSeqNo = 2 ** 32 - 1

export interface EncryptForGroupOptions {
  /** The group's newest key. */
  readonly key: GroupKey
  /** From 1 on, never used before under the key; gaps are normal. */
  readonly seqNo: number
  /** From `createInstallationId`, the same one for all that a control node writes. */
  readonly installationId: string
  readonly ratchet: RatchetCache
}

export interface EncryptedForGroup {
  /** An encoded ProtocolMessage: the archive, index or message as it stands in the file. */
  readonly bytes: Uint8Array
  readonly seqNo: number
  /** For what is encrypted next under the key. */
  readonly nextSeqNo: number
}

/**
 * Encrypts an archive, an index or a message for all who have a group's key (formats §4). Never the same bytes twice:
 * the nonce is random, so a number that was taken before a crash may be taken again. Needs memory for the result twice.
 * @throws InvalidSequenceNumberError, InvalidInstallationIdError
 */
export async function encryptForGroup(plain: Uint8Array, options: EncryptForGroupOptions): Promise<EncryptedForGroup> {
  const { seqNo } = options
  checkInstallationId(options.installationId)
  const bytes = await encryptWithNonce(plain, { ...options, nonce: randomNonce() })
  return { bytes, seqNo, nextSeqNo: seqNo + 1 }
}

/** With the nonce given, for the tests: two messages under one step and one nonce give both away. */
export async function encryptWithNonce(
  plain: Uint8Array,
  options: EncryptForGroupOptions & { readonly nonce: Uint8Array },
): Promise<Uint8Array> {
  const { key, seqNo, installationId, nonce } = options
  const sealed = await sealStep(plain, options)
  const { deprecatedKeyId, groupId, keyId } = key
  const header = { deprecatedKeyId, seqNo, groupId, keyId }
  return encodeEncryptedMessage({ installationId, header }, [sealed, nonce])
}

/** Ciphertext ‖ tag ‖ nonce alone, as a community's description holds it. */
export async function sealForGroup(
  plain: Uint8Array,
  options: Omit<EncryptForGroupOptions, 'installationId'>,
): Promise<Uint8Array> {
  const nonce = randomNonce()
  const sealed = await sealStep(plain, { ...options, nonce })
  const bytes = new Uint8Array(sealed.length + nonceBytes)
  bytes.set(sealed)
  bytes.set(nonce, sealed.length)
  return bytes
}

async function sealStep(
  plain: Uint8Array,
  options: Omit<EncryptForGroupOptions, 'installationId'> & { readonly nonce: Uint8Array },
): Promise<Uint8Array> {
  const { key, seqNo, ratchet, nonce } = options
  if (!Number.isSafeInteger(seqNo) || seqNo < 1 || seqNo > maxSeqNo) throw new InvalidSequenceNumberError(seqNo)
  const sealed = await seal(await ratchet.stepKey(key, seqNo), nonce, plain)
  ratchet.reach(key, seqNo)
  return sealed
}
