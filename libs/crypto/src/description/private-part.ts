import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { CryptoError, InvalidMessageBytesError } from '../errors.ts'
import {
  openForGroup,
  type DecryptForGroupOptions,
  type KeyMissing,
  type Refused,
  type WantedGroupKey,
} from '../ratchet/decrypt-for-group.ts'
import { decodeDescriptionFields, type DescriptionFields } from './wire-description.ts'

/** The key id in hex, and the sequence number in decimal right behind it. */
const namePattern = /^([0-9a-f]{64})([0-9]{1,10})$/i
const maxSeqNo = 2 ** 32 - 1

export function privatePartName(keyId: Uint8Array, seqNo: number): string {
  return `${bytesToHex(keyId)}${seqNo}`
}

/** @throws what `decryptForGroup` throws */
export async function openPrivatePart(
  name: string,
  sealed: Uint8Array,
  options: DecryptForGroupOptions,
): Promise<{ readonly kind: 'opened'; readonly fields: DescriptionFields } | KeyMissing | Refused> {
  const key = readName(name)
  if (key === undefined)
    return { kind: 'refused', error: new InvalidMessageBytesError('private part', 'its name is no key id and number') }
  const opened = await openForGroup('private part', sealed, { ...options, ...key })
  if (opened.kind !== 'decrypted') return opened
  try {
    return { kind: 'opened', fields: decodeDescriptionFields(opened.plain) }
  } catch (error) {
    if (error instanceof CryptoError) return { kind: 'refused', error }
    throw error
  }
}

function readName(name: string): { readonly wanted: WantedGroupKey; readonly seqNo: number } | undefined {
  const [, keyId, digits] = namePattern.exec(name) ?? []
  const seqNo = Number(digits)
  if (keyId === undefined || seqNo > maxSeqNo) return undefined
  return { wanted: { by: 'key-id', keyId: hexToBytes(keyId), groupId: undefined }, seqNo }
}
