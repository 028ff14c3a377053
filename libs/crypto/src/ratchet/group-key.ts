import { bytesToHex } from '@noble/hashes/utils.js'
import { keccak256 } from '../keccak256.ts'
import { privateKeyFromRandom } from '../keys.ts'
import { InvalidGroupKeyError } from './errors.ts'

/** How far into the future a new key's timestamp lies, as status-go has it. */
const aheadMilliseconds = 10

/** The parts of a group key, as it is stored and handed over. */
export interface GroupKeyParts {
  /** Of a community the 33 bytes of its id; of a single channel the text of its chat id. */
  readonly groupId: Uint8Array
  /** 32 bytes. Secret. */
  readonly key: Uint8Array
  /** Unix milliseconds; of two keys of a group the later one is used. */
  readonly timestampMilliseconds: number
}

/**
 * A key that the members of a group share (formats §4). The secret is in no enumerable property, so neither a log nor
 * an error that the object gets into shows it.
 */
export class GroupKey {
  readonly groupId: Uint8Array
  readonly timestampMilliseconds: number
  /** 32 bytes, which say nothing of the secret. */
  readonly keyId: Uint8Array
  /** What older messages have instead of the key id: not unique without the group id. */
  readonly deprecatedKeyId: number
  readonly #secret: Uint8Array

  /** @throws InvalidGroupKeyError */
  constructor({ groupId, key, timestampMilliseconds }: GroupKeyParts) {
    if (groupId.length === 0) throw new InvalidGroupKeyError('it has no group id')
    if (key.length !== 32) throw new InvalidGroupKeyError(`it has ${key.length} bytes instead of 32`)
    if (!Number.isSafeInteger(timestampMilliseconds) || timestampMilliseconds < 1)
      throw new InvalidGroupKeyError('its timestamp is no whole number of milliseconds above 0')
    this.groupId = new Uint8Array(groupId)
    this.#secret = new Uint8Array(key)
    this.timestampMilliseconds = timestampMilliseconds
    this.keyId = groupKeyId(groupId, timestampMilliseconds, key)
    this.deprecatedKeyId = deprecatedKeyId(timestampMilliseconds)
  }

  /** 32 bytes, the ratchet's step 0: only for storing it encrypted, and for handing it to somebody who may have it. */
  secret(): Uint8Array {
    return new Uint8Array(this.#secret)
  }

  /** The key id in hex, 64 digits. */
  keyIdText(): string {
    return bytesToHex(this.keyId)
  }
}

/**
 * A new key of a group: 48 random bytes make it (`privateKeySeedBytes`), and its timestamp is later than the last one's,
 * also when the clock went back.
 * @throws WrongLengthError, InvalidGroupKeyError
 */
export function createGroupKey(options: {
  readonly groupId: Uint8Array
  readonly nowMilliseconds: number
  /** Of the group's newest key; `undefined` for the first. */
  readonly lastTimestampMilliseconds: number | undefined
  readonly randomBytes: Uint8Array
}): GroupKey {
  const { groupId, nowMilliseconds, lastTimestampMilliseconds: last = 0, randomBytes } = options
  return new GroupKey({
    groupId,
    key: privateKeyFromRandom(randomBytes),
    timestampMilliseconds: last < nowMilliseconds ? nowMilliseconds + aheadMilliseconds : last + 1,
  })
}

function groupKeyId(groupId: Uint8Array, timestampMilliseconds: number, key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(groupId.length + 8 + key.length)
  bytes.set(groupId)
  new DataView(bytes.buffer).setBigUint64(groupId.length, BigInt(timestampMilliseconds), true)
  bytes.set(key, groupId.length + 8)
  return keccak256(bytes)
}

function deprecatedKeyId(timestampMilliseconds: number): number {
  return timestampMilliseconds % 2 ** 32
}
