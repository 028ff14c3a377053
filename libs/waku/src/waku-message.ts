import { wakuMessageHash } from '@annals/crypto'
import type { AnswerReader } from './rest/answer-reader.ts'

/** A message as the network carries it; its payload is encrypted. */
export interface WakuMessage {
  readonly payload: Uint8Array
  /** `/waku/1/0x9c22ff5f/rfc26`. */
  readonly contentTopic: string
  /** Empty where there is none. */
  readonly meta: Uint8Array
  readonly version: number
  /** Unix nanoseconds, the sender's. */
  readonly timestampNanoseconds: bigint
  /** Not kept by stores. */
  readonly isEphemeral: boolean
}

/** A message and where it was carried. */
export interface CarriedMessage {
  /** 64 lower-case hex digits; worked out here, not a node's word. */
  readonly hash: string
  /** `/waku/2/rs/16/32`. */
  readonly pubsubTopic: string
  readonly message: WakuMessage
}

/** The hash that names a message on the network. @returns 64 lower-case hex digits */
export function messageHash(pubsubTopic: string, message: WakuMessage): string {
  return Buffer.from(wakuMessageHash({ pubsubTopic, ...message })).toString('hex')
}

/** The size of a message between nodes, which is what they limit: an upper bound of its encoding as protocol buffers. */
export function sizeOnWireBytes(message: WakuMessage): number {
  return message.payload.length + Buffer.byteLength(message.contentTopic) + message.meta.length + 40
}

/** The text of a message for a node. The timestamp keeps its digits, for which `JSON.stringify` has no number. */
export function messageJson({ payload, contentTopic, meta, version, timestampNanoseconds }: WakuMessage): string {
  const fields = [
    `"payload":"${Buffer.from(payload).toString('base64')}"`,
    `"contentTopic":${JSON.stringify(contentTopic)}`,
    `"version":${version}`,
    `"timestamp":${timestampNanoseconds}`,
    ...(meta.length === 0 ? [] : [`"meta":"${Buffer.from(meta).toString('base64')}"`]),
  ]
  return `{${fields.join(',')}}`
}

const mostVersion = 2n ** 32n - 1n

/** @throws WakuAnswerError */
export function readMessage(reader: AnswerReader): WakuMessage {
  const optional = <T>(name: string, read: (field: AnswerReader) => T, otherwise: T): T => {
    const field = reader.field(name)
    return field.isAbsent ? otherwise : read(field)
  }
  return {
    payload: reader.field('payload').bytes(),
    contentTopic: reader.field('contentTopic').text(),
    meta: optional('meta', (meta) => meta.bytes(), new Uint8Array()),
    version: Number(optional('version', (version) => version.whole(mostVersion), 0n)),
    timestampNanoseconds: optional('timestamp', (timestamp) => timestamp.nanoseconds(), 0n),
    isEphemeral: optional('ephemeral', (ephemeral) => ephemeral.isTrue(), false),
  }
}
