import { sha256 } from '@noble/hashes/sha2.js'
import { InvalidWakuTimestampError } from './errors.ts'

const utf8 = new TextEncoder()

/** A Waku message as a node gives and takes it. */
export interface WakuMessageParts {
  readonly pubsubTopic: string
  /** Encrypted. */
  readonly payload: Uint8Array
  readonly contentTopic: string
  /** Empty in Status' messages. */
  readonly meta: Uint8Array
  /** Unix nanoseconds, which a JavaScript number cannot hold. */
  readonly timestampNanoseconds: bigint
}

/**
 * The 32 bytes that name a message on Waku and in archives: SHA-256 of its parts (RFC 14, formats §2).
 * @throws InvalidWakuTimestampError
 */
export function wakuMessageHash(message: WakuMessageParts): Uint8Array {
  const { timestampNanoseconds } = message
  if (BigInt.asIntN(64, timestampNanoseconds) !== timestampNanoseconds)
    throw new InvalidWakuTimestampError(timestampNanoseconds)
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigInt64(0, timestampNanoseconds)
  return sha256
    .create()
    .update(utf8.encode(message.pubsubTopic))
    .update(message.payload)
    .update(utf8.encode(message.contentTopic))
    .update(message.meta)
    .update(time)
    .digest()
}
