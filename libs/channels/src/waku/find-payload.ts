import { queryStores, StoresUnavailableError } from '@annals/waku'
import type { ChatTopic, WakuNode } from '@annals/waku'
import { otherStores } from './other-stores.ts'
import type { PayloadCodec } from './payload-codec.ts'

export interface FindPayloadOptions {
  readonly chatId: string
  readonly payload: Uint8Array
  readonly topic: ChatTopic
  readonly relays: readonly WakuNode[]
  readonly stores: readonly WakuNode[]
  readonly codec: PayloadCodec
  /** Nothing older is looked at, Unix milliseconds. */
  readonly sinceMilliseconds: number
  readonly signal: AbortSignal
}

const patienceMilliseconds = 2_000
const storeLimitMilliseconds = 10_000
/** Anybody may fill a topic, and a search through all that must have an end. */
const mostMessages = 2_000

/**
 * Whether a store has a message of the chat with the payload.
 * `unknown` where no store answered to the end, or there was too much to look through.
 */
export async function findPayload(options: FindPayloadOptions): Promise<boolean | 'unknown'> {
  const { chatId, topic, codec, sinceMilliseconds, signal } = options
  const query = {
    stores: otherStores(options.stores, options.relays),
    topics: [topic],
    fromNanoseconds: BigInt(Math.max(0, Math.floor(sinceMilliseconds))) * 1_000_000n,
    patienceMilliseconds,
    storeLimitMilliseconds,
    signal,
  }
  const payload = Buffer.from(options.payload)
  let looked = 0
  try {
    for await (const { messages } of queryStores(query)) {
      for (const { message } of messages) {
        const found = await codec.decrypt(chatId, message.payload)
        if (found !== undefined && payload.equals(found)) return true
      }
      looked += messages.length
      if (looked >= mostMessages) return 'unknown'
    }
    return false
  } catch (error) {
    if (signal.aborted || error instanceof StoresUnavailableError) return 'unknown'
    throw error
  }
}
