import { createHash } from 'node:crypto'
import type { StreamInfo } from '@annals/nats'
import { InvalidCursorError } from '../errors.ts'

/** A message's place: its position, and the time that tells it from another one at that position. */
export interface Place {
  readonly sequence: number
  /** Unix nanoseconds. */
  readonly timeNanoseconds: bigint
}

/** Tells this very stream from others of its name. */
export function channelIdentity(info: StreamInfo): string {
  return createHash('sha256').update(info.created).digest('hex').slice(0, 16)
}

export function formatCursor(identity: string, { sequence, timeNanoseconds }: Place): string {
  return `${identity}.${sequence}.${timeNanoseconds}`
}

/** @throws InvalidCursorError */
export function parseCursor(identity: string, chatId: string, cursor: string): Place {
  const [, found, sequence, time] = /^([0-9a-f]{16})\.(\d{1,15})\.(\d{1,20})$/.exec(cursor) ?? []
  if (found === undefined || sequence === undefined || time === undefined) {
    throw new InvalidCursorError(chatId, cursor, 'it is not of the form this channel gives')
  }
  if (found !== identity) throw new InvalidCursorError(chatId, cursor, 'it belongs to another channel')
  return { sequence: Number(sequence), timeNanoseconds: BigInt(time) }
}
