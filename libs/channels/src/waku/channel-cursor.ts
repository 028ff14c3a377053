import { createHash } from 'node:crypto'
import { InvalidCursorError } from '../errors.ts'

/**
 * Where a reader of a chat is. Stores have no positions: one asks for messages from a time on. What came late may have an
 * earlier time than what was read already, so the time lies before the last message, and what was read from there on is named.
 */
export interface Place {
  /** Unix nanoseconds; nothing before it is asked for any more. `undefined` for all there is. */
  readonly fromNanoseconds: bigint | undefined
  /** The first six bytes of the hashes of messages since then that were read, in base64url. */
  readonly read: ReadonlySet<string>
}

const prefixBytes = 6
const prefixLetters = 8
/** A cursor stays below 600 letters. */
export const mostNamed = 64

/** Tells this chat's cursors from another's. */
function chatTag(chatId: string): string {
  return createHash('sha256').update(chatId).digest('base64url').slice(0, 8)
}

/** How a cursor names a message. */
export function prefixOf(hash: string): string {
  return Buffer.from(hash.slice(0, 2 * prefixBytes), 'hex').toString('base64url')
}

export function formatCursor(chatId: string, { fromNanoseconds, read }: Place): string {
  return `w1.${chatTag(chatId)}.${fromNanoseconds ?? ''}.${[...read].join('')}`
}

/** @throws InvalidCursorError */
export function parseCursor(chatId: string, cursor: string): Place {
  const [, tag, from, prefixes] = /^w1\.([\w-]{8})\.(\d{0,19})\.((?:[\w-]{8}){0,64})$/.exec(cursor) ?? []
  if (tag === undefined || from === undefined || prefixes === undefined)
    throw new InvalidCursorError(chatId, cursor, 'it is not of the form this channel gives')
  if (tag !== chatTag(chatId)) throw new InvalidCursorError(chatId, cursor, 'it belongs to another chat')
  const read = Array.from({ length: prefixes.length / prefixLetters }, (_, index) =>
    prefixes.slice(index * prefixLetters, (index + 1) * prefixLetters),
  )
  return { fromNanoseconds: from === '' ? undefined : BigInt(from), read: new Set(read) }
}
