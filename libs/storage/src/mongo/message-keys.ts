import { createHash } from 'node:crypto'
import type { MessageKey } from '../message-store.ts'

/**
 * A message's `_id` is `<community>/<timestamp, 14 hex digits>/<hash, hex>`: one unique index is its identity and the
 * order in which messages are read. 14 digits hold every whole number that JavaScript knows exactly.
 */
export class MessageKeys {
  readonly #prefix: string

  constructor(communityId: string) {
    this.#prefix = `${communityPart(communityId)}/`
  }

  of({ timestamp, hash }: MessageKey): string {
    return `${this.from(timestamp)}${Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex')}`
  }

  /** What all keys from a moment on are not before. Moments outside of what a message can have are brought inside. */
  from(timestamp: number): string {
    return `${this.#prefix}${seconds(timestamp)}/`
  }

  /** What all keys of the community are before. */
  get end(): string {
    // '0' comes right after '/'.
    return `${this.#prefix.slice(0, -1)}0`
  }
}

/** The time and hash of a message, from its key. */
export function parseMessageKey(key: string): MessageKey {
  const hashAt = key.lastIndexOf('/') + 1
  const hash = Buffer.from(key.slice(hashAt), 'hex')
  return {
    timestamp: Number.parseInt(key.slice(hashAt - 15, hashAt - 1), 16),
    hash: new Uint8Array(hash.buffer, hash.byteOffset, hash.length),
  }
}

function seconds(timestamp: number): string {
  const inside = Math.min(Math.max(Math.ceil(timestamp), 0), Number.MAX_SAFE_INTEGER)
  return inside.toString(16).padStart(14, '0')
}

/** No server takes keys of any length; communities' own ids are 68 characters long. */
const longest = 200

/** The id such that no other one's keys begin with it: without separators, without what BSON or UTF-8 cannot keep. */
function communityPart(communityId: string): string {
  const part = communityId.replace(/[%/\0]|\p{Surrogate}/gu, (text) => {
    return `%${text.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  if (Buffer.byteLength(part) <= longest) return part
  return `%h${createHash('sha256').update(part).digest('hex')}`
}
