import type { WakuMessage } from '@annals/archive'
import { Binary } from 'mongodb'
import type { MessageState } from '../message-store.ts'
import { parseMessageKey, type MessageKeys } from './message-keys.ts'

/** A message as it is stored. Other fields than the topic are left out where they are empty. */
export interface MessageDocument {
  readonly _id: string
  /**
   * While no archive holds the message: the beginning of `_id`, without the hash. An index over this field is all that
   * is pending. With the hash it would take a fifth longer to store messages.
   */
  readonly pending?: string
  /** Set where the message is in no archive because none can hold it. */
  readonly state?: 'too-large'
  readonly topic: Binary
  readonly sig?: Binary
  readonly padding?: Binary
  readonly thirdPartyId?: string
  readonly payload?: Binary
  /** Where the payload is instead, if it is too long for a document. */
  readonly parts?: PartsReference
}

export interface PartsReference {
  /** Which upload of the parts counts. */
  readonly upload: string
  readonly sizeBytes: number
}

/** As the driver gives it: byte fields without their wrappers. */
export type FoundMessage = Pick<MessageDocument, '_id' | 'thirdPartyId' | 'parts'> &
  Partial<Readonly<Record<'topic' | 'sig' | 'padding' | 'payload', Buffer>>>

export function toDocument(
  keys: MessageKeys,
  message: WakuMessage,
  state: MessageState,
  parts?: PartsReference,
): MessageDocument {
  const _id = keys.of(message)
  const { topic, sig, padding, thirdPartyId, payload } = message
  return {
    _id,
    ...(state === 'pending' && { pending: keys.from(message.timestamp) }),
    ...(state === 'too-large' && { state }),
    topic: new Binary(topic),
    ...(sig.length > 0 && { sig: new Binary(sig) }),
    ...(padding.length > 0 && { padding: new Binary(padding) }),
    ...(thirdPartyId !== '' && { thirdPartyId }),
    ...(parts === undefined ? payload.length > 0 && { payload: new Binary(payload) } : { parts }),
  }
}

/** The message; its byte strings are views of the server's answer. `payload` is what its parts came to. */
export function toMessage(found: FoundMessage, payload?: Uint8Array): WakuMessage {
  const { timestamp, hash } = parseMessageKey(found._id)
  return {
    timestamp,
    hash,
    topic: bytes(found.topic),
    sig: bytes(found.sig),
    padding: bytes(found.padding),
    thirdPartyId: found.thirdPartyId ?? '',
    payload: payload ?? bytes(found.payload),
  }
}

function bytes(buffer: Buffer | undefined): Uint8Array {
  return buffer === undefined ? new Uint8Array() : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

/** About what the message takes in memory and on the wire. */
export function messageBytes({ payload, sig, padding, thirdPartyId }: WakuMessage): number {
  return payload.length + sig.length + padding.length + thirdPartyId.length + 400
}
