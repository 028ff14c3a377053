/**
 * A message as the Waku network delivered it and as archives keep it (status-go's `types.Message`).
 * Every byte string may be empty; none of them is shared with a decoder's buffer unless the function that made the
 * message says so.
 */
export interface WakuMessage {
  /** The sender's 65-byte uncompressed public key (not a signature, in spite of the name in the format). */
  readonly sig: Uint8Array
  /** Unix seconds. */
  readonly timestamp: number
  /** The content topic, 4 bytes. */
  readonly topic: Uint8Array
  /** The Waku plaintext: an encoded ProtocolMessage, or a bare ApplicationMetadataMessage where it was imported. */
  readonly payload: Uint8Array
  /** The RFC 26 padding as received (1 to 256 bytes; one byte 0x01 for imports). */
  readonly padding: Uint8Array
  /** The Waku message hash, 32 bytes; identifies the message in a community. */
  readonly hash: Uint8Array
  /** The id in the system the message was imported from; empty for messages of the network. */
  readonly thirdPartyId: string
}
