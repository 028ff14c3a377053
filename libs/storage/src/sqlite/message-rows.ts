import type { WakuMessage } from '@annals/archive'

/**
 * What is selected of a message. Its byte strings come as one: making a JavaScript object of each of them takes longer
 * than finding the row.
 */
export const messageColumns = `timestamp, third_party_id,
  length(hash) AS hash_bytes, length(messages.topic) AS topic_bytes,
  length(sig) AS sig_bytes, length(padding) AS padding_bytes,
  CAST(hash || messages.topic || sig || padding || payload AS BLOB) AS bytes`

/** A message as `messageColumns` gives it. */
export interface MessageRow {
  readonly timestamp: number
  readonly third_party_id: string
  readonly hash_bytes: number
  readonly topic_bytes: number
  readonly sig_bytes: number
  readonly padding_bytes: number
  readonly bytes: Uint8Array
}

/** The message; its byte strings are views of the row's. */
export function toMessage(row: MessageRow): WakuMessage {
  const { timestamp, third_party_id: thirdPartyId, bytes } = row
  const topicAt = row.hash_bytes
  const sigAt = topicAt + row.topic_bytes
  const paddingAt = sigAt + row.sig_bytes
  const payloadAt = paddingAt + row.padding_bytes
  return {
    timestamp,
    hash: bytes.subarray(0, topicAt),
    topic: bytes.subarray(topicAt, sigAt),
    sig: bytes.subarray(sigAt, paddingAt),
    padding: bytes.subarray(paddingAt, payloadAt),
    thirdPartyId,
    payload: bytes.subarray(payloadAt),
  }
}

export function rowBytes(row: MessageRow): number {
  return row.bytes.length + row.third_party_id.length
}
