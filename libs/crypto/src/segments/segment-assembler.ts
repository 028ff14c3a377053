import { maxMessageBytes } from '../application-message.ts'
import { toHex } from '../hex.ts'
import { keccak256 } from '../keccak256.ts'
import { InvalidSegmentError } from './errors.ts'
import type { Segment } from './read-segment.ts'
import { readSegment } from './read-segment.ts'

export interface SegmentAssemblerOptions {
  /** Of one chat. 4 MiB where absent. */
  readonly maxChatBytes?: number
  /** Of all chats. 16 MiB where absent. */
  readonly maxBytes?: number
  /** Messages of which segments are kept, of all chats. 1,000 where absent. */
  readonly maxMessages?: number
  /** For so long the segments of a message are waited for, and what is complete is kept. 600,000 where absent. */
  readonly maxAgeMilliseconds?: number
}

/** What came, and by whom. */
export interface ArrivedBytes {
  readonly chatId: string
  /** Of the Waku payload. Segments of several senders are never put together, so that nobody spoils another's message. */
  readonly senderPublicKey: Uint8Array
  /** The inside of the Waku payload. */
  readonly data: Uint8Array
}

export type Assembled =
  /** A message that came in one, or all of whose segments are here. */
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** A segment of a message of which others are still to come. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly error: InvalidSegmentError }

interface Incomplete {
  readonly chatId: string
  readonly beganAtMilliseconds: number
  readonly count: number
  readonly parts: Map<number, Uint8Array>
  sizeBytes: number
}

/**
 * Puts messages together that came in segments: in any order, several times, several messages at once. What is kept is bounded
 * in bytes, number and time, the oldest gives way first, and a chat that is flooded crowds out itself before it crowds out
 * others. Each segment of a message that is complete gives it whole again: whoever could not make use of it asks with the same
 * bytes once more.
 */
export class SegmentAssembler {
  readonly #maxChatBytes: number
  readonly #maxBytes: number
  readonly #maxMessages: number
  readonly #maxAgeMilliseconds: number
  /** By chat, sender and hash; the oldest first. */
  readonly #messages = new Map<string, Incomplete>()
  readonly #chatBytes = new Map<string, number>()
  #bytes = 0

  constructor(options: SegmentAssemblerOptions = {}) {
    this.#maxChatBytes = options.maxChatBytes ?? 4 * maxMessageBytes
    this.#maxBytes = options.maxBytes ?? 16 * maxMessageBytes
    this.#maxMessages = options.maxMessages ?? 1_000
    this.#maxAgeMilliseconds = options.maxAgeMilliseconds ?? 600_000
  }

  /** Bytes of segments that are kept. */
  get sizeBytes(): number {
    return this.#bytes
  }

  /** @param nowMilliseconds never goes back by much: what is too old by it is given up */
  add(arrived: ArrivedBytes, nowMilliseconds: number): Assembled {
    this.#giveUpOld(nowMilliseconds)
    try {
      const segment = readSegment(arrived.data)
      if (segment === undefined) return { kind: 'whole', bytes: arrived.data }
      if (segment.count === 0) return { kind: 'waiting' }
      const bytes = this.#keep(arrived, segment, nowMilliseconds)
      return bytes === undefined ? { kind: 'waiting' } : { kind: 'whole', bytes }
    } catch (error) {
      if (error instanceof InvalidSegmentError) return { kind: 'refused', error }
      throw error
    }
  }

  /** @returns the message where it is complete */
  #keep(arrived: ArrivedBytes, segment: Segment, nowMilliseconds: number): Uint8Array | undefined {
    const { chatId, senderPublicKey } = arrived
    const { messageHash, index, count, payload } = segment
    const key = `${toHex(messageHash)} ${toHex(senderPublicKey)} ${chatId}`
    const message = this.#messages.get(key) ?? {
      chatId,
      beganAtMilliseconds: nowMilliseconds,
      count,
      parts: new Map<number, Uint8Array>(),
      sizeBytes: 0,
    }
    if (message.count !== count) throw new InvalidSegmentError('inconsistent')
    if (!message.parts.has(index)) {
      if (message.sizeBytes + payload.length > maxMessageBytes) {
        this.#drop(key)
        throw new InvalidSegmentError('too-large')
      }
      this.#messages.set(key, message)
      message.parts.set(index, new Uint8Array(payload))
      message.sizeBytes += payload.length
      this.#count(chatId, payload.length)
    }
    const whole = message.parts.size === count ? join(message) : undefined
    if (whole !== undefined && toHex(keccak256(whole)) !== toHex(messageHash)) {
      this.#drop(key)
      throw new InvalidSegmentError('hash-mismatch')
    }
    this.#makeRoom(chatId)
    return whole
  }

  #giveUpOld(nowMilliseconds: number): void {
    for (const [key, { beganAtMilliseconds }] of this.#messages) {
      if (nowMilliseconds - beganAtMilliseconds < this.#maxAgeMilliseconds) return
      this.#drop(key)
    }
  }

  #makeRoom(chatId: string): void {
    for (const [key, message] of this.#messages) {
      if ((this.#chatBytes.get(chatId) ?? 0) <= this.#maxChatBytes) break
      if (message.chatId === chatId) this.#drop(key)
    }
    for (const key of this.#messages.keys()) {
      if (this.#bytes <= this.#maxBytes && this.#messages.size <= this.#maxMessages) return
      this.#drop(key)
    }
  }

  #drop(key: string): void {
    const message = this.#messages.get(key)
    if (message === undefined) return
    this.#messages.delete(key)
    this.#count(message.chatId, -message.sizeBytes)
  }

  #count(chatId: string, bytes: number): void {
    const ofChat = (this.#chatBytes.get(chatId) ?? 0) + bytes
    if (ofChat === 0) this.#chatBytes.delete(chatId)
    else this.#chatBytes.set(chatId, ofChat)
    this.#bytes += bytes
  }
}

function join({ parts, count, sizeBytes }: Incomplete): Uint8Array {
  const whole = new Uint8Array(sizeBytes)
  let at = 0
  for (let index = 0; index < count; index++) {
    const part = parts.get(index) ?? new Uint8Array(0)
    whole.set(part, at)
    at += part.length
  }
  return whole
}
