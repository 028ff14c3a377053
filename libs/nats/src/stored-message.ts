import { MsgHdrsImpl } from '@nats-io/transport-node'
import type { MsgHdrs } from '@nats-io/transport-node'
import { callJetStream } from './call-jetstream.ts'
import { isRefusal } from './error-codes.ts'
import type { NatsLink } from './nats-link.ts'

/** A message as a stream holds it. */
export interface StoredMessage {
  readonly subject: string
  readonly sequence: number
  /** When the stream took it, Unix nanoseconds; tells two messages apart that had the same position one after another. */
  readonly timeNanoseconds: bigint
  readonly headers: MsgHdrs
  readonly payload: Uint8Array
}

export type MessageQuestion =
  | { readonly seq: number }
  /** The first one on a subject from a position on. Costs the more the further the end is from there. */
  | { readonly seq: number; readonly next_by_subj: string }
  /** The last one on a subject. Costs the same wherever it stands, also with wildcards behind a prefix. */
  | { readonly last_by_subj: string }

interface MessageAnswer {
  readonly message: {
    readonly subject: string
    readonly seq: number
    readonly hdrs?: string
    readonly data?: string
    readonly time: string
  }
}

/**
 * One message of a stream, from its leader: what was acknowledged is there.
 * @throws JetStreamRefusedError, NatsPermissionError, NoRespondersError, NatsAnswerLostError
 */
export async function getMessage(
  link: NatsLink,
  stream: string,
  question: MessageQuestion,
): Promise<StoredMessage | undefined> {
  try {
    const { message } = await callJetStream<MessageAnswer>(link, `STREAM.MSG.GET.${stream}`, question)
    return {
      subject: message.subject,
      sequence: message.seq,
      timeNanoseconds: parseNanoseconds(message.time),
      headers: MsgHdrsImpl.decode(Buffer.from(message.hdrs ?? '', 'base64')),
      payload: Buffer.from(message.data ?? '', 'base64'),
    }
  } catch (error) {
    if (isRefusal(error, 'messageNotFound')) return undefined
    throw error
  }
}

/** `2026-11-21T16:24:05.123456789Z`, with any number of digits, to Unix nanoseconds. */
export function parseNanoseconds(time: string): bigint {
  const [, seconds = '', fraction = '', zone = 'Z'] = /^(.+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? []
  return BigInt(Date.parse(seconds + zone)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}
