import { bytesToHex } from '@noble/hashes/utils.js'
import { CryptoError } from '../errors.ts'
import { open } from './aes-gcm.ts'
import { GroupKeyMismatchError, NotForGroupError, SequenceNumberTooHighError } from './errors.ts'
import type { GroupKey } from './group-key.ts'
import type { RatchetCache } from './ratchet-cache.ts'
import { decodeEncryptedMessage, type EncryptedMessage, type RatchetHeader } from './wire-encrypted-message.ts'

/** How far ahead of the highest sequence number seen of a key another one may be, as status-go has it. */
export const maxSeqNoAhead = 100_000

/** The key that something was encrypted under, by what names it. */
export type WantedGroupKey =
  /** `groupId` is `undefined` in the private part of a community's description. */
  | { readonly by: 'key-id'; readonly keyId: Uint8Array; readonly groupId: Uint8Array | undefined }
  /** In messages of older clients. */
  | { readonly by: 'deprecated-key-id'; readonly deprecatedKeyId: number; readonly groupId: Uint8Array }

export interface FoundGroupKey {
  readonly key: GroupKey
  /** The highest number anything was opened or sealed under; 0 where that is not kept. Numbers far ahead are refused. */
  readonly reachedSeqNo: number
}

/** Gives a key, `undefined` where it is not there (yet). What it throws comes through. */
export type LookUpGroupKey = (wanted: WantedGroupKey) => Promise<FoundGroupKey | undefined> | FoundGroupKey | undefined

export interface DecryptForGroupOptions {
  readonly lookUpKey: LookUpGroupKey
  readonly ratchet: RatchetCache
}

export type KeyMissing = { readonly kind: 'key-missing'; readonly wanted: WantedGroupKey }
export type Refused = { readonly kind: 'refused'; readonly error: CryptoError }

/** What came of opening something: an answer each, since none of them is a fault of ours. */
export type Opened =
  | {
      readonly kind: 'decrypted'
      readonly plain: Uint8Array
      /** 0 where nothing was encrypted. */
      readonly seqNo: number
      /** `undefined` with sequence number 0, which needs no key. */
      readonly keyId: Uint8Array | undefined
    }
  /** Keep it and try again when the key is there. */
  | KeyMissing
  /** It will never be readable. */
  | Refused

export type GroupDecryption = Opened & { readonly installationId: string | undefined }

/**
 * Decrypts an archive, an index or a message that is for a group (formats §4). With sequence number 0 the plain bytes
 * are a view of those given, else they are memory of their own.
 * @throws GroupKeyMismatchError for a look-up that gives another key, and whatever the look-up throws
 */
export async function decryptForGroup(bytes: Uint8Array, options: DecryptForGroupOptions): Promise<GroupDecryption> {
  const message = readMessage(bytes)
  if (message instanceof CryptoError) return { kind: 'refused', error: message, installationId: undefined }
  const { installationId, header, payload } = message
  const opened = await openForGroup('message', payload, { ...options, seqNo: header.seqNo, wanted: wantedKey(header) })
  return { ...opened, installationId }
}

/** Opens ciphertext ‖ tag ‖ nonce; the rest as for `decryptForGroup`. */
export async function openForGroup(
  what: string,
  payload: Uint8Array,
  options: DecryptForGroupOptions & { readonly seqNo: number; readonly wanted: WantedGroupKey },
): Promise<Opened> {
  const { seqNo, wanted, lookUpKey, ratchet } = options
  if (seqNo === 0) return { kind: 'decrypted', plain: payload, seqNo, keyId: undefined }
  const found = await lookUpKey(wanted)
  if (found === undefined) return { kind: 'key-missing', wanted }
  const { key } = found
  checkFound(wanted, key)
  const reached = Math.max(found.reachedSeqNo, ratchet.reachedSeqNo(key))
  if (seqNo - reached > maxSeqNoAhead)
    return { kind: 'refused', error: new SequenceNumberTooHighError(seqNo, reached, maxSeqNoAhead) }
  const stepKey = await ratchet.stepKey(key, seqNo)
  try {
    const plain = await open(what, stepKey, payload)
    ratchet.reach(key, seqNo)
    return { kind: 'decrypted', plain, seqNo, keyId: key.keyId }
  } catch (error) {
    if (error instanceof CryptoError) return { kind: 'refused', error }
    throw error
  }
}

function readMessage(bytes: Uint8Array): (EncryptedMessage & { readonly header: RatchetHeader }) | CryptoError {
  try {
    const message = decodeEncryptedMessage(bytes)
    if (message?.header === undefined) return new NotForGroupError(message !== undefined)
    return { ...message, header: message.header }
  } catch (error) {
    if (error instanceof CryptoError) return error
    throw error
  }
}

/** Copies, so that what waits for a key does not keep a whole archive in memory. */
function wantedKey({ keyId, groupId, deprecatedKeyId }: RatchetHeader): WantedGroupKey {
  const group = new Uint8Array(groupId)
  if (keyId.length > 0) return { by: 'key-id', keyId: new Uint8Array(keyId), groupId: group }
  return { by: 'deprecated-key-id', deprecatedKeyId, groupId: group }
}

function checkFound(wanted: WantedGroupKey, key: GroupKey): void {
  const expected = wanted.by === 'key-id' ? bytesToHex(wanted.keyId) : nameOf(wanted)
  const found = wanted.by === 'key-id' ? key.keyIdText() : nameOf(key)
  if (expected !== found) throw new GroupKeyMismatchError(expected, found)
}

function nameOf(key: { readonly deprecatedKeyId: number; readonly groupId: Uint8Array }): string {
  return `${key.deprecatedKeyId} of group ${bytesToHex(key.groupId)}`
}
