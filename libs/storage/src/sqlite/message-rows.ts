import type { WakuMessage } from '@annals/archive'

/** A message as the database has it. */
export interface MessageRow {
  readonly timestamp: number
  readonly hash: Uint8Array
  readonly topic: Uint8Array
  readonly sig: Uint8Array
  readonly padding: Uint8Array
  readonly third_party_id: string
  readonly payload: Uint8Array
}

export function toMessage(row: MessageRow): WakuMessage {
  const { timestamp, hash, topic, sig, padding, third_party_id: thirdPartyId, payload } = row
  return { timestamp, hash, topic, sig, padding, thirdPartyId, payload }
}
