import type { WakuMessage } from '@annals/archive'
import type { WakuMessage as ApiMessage } from '@annals/proto/api/v1'
import { toApiMessage } from './to-api.ts'

/** Below what clients take in one message by default, 4 MiB; a single large message goes alone. */
const maxResponseBytes = 1024 * 1024
const maxResponseMessages = 1000

/** Messages in parts that fit into a response each. */
export async function* batchMessages(batches: AsyncIterable<readonly WakuMessage[]>): AsyncGenerator<ApiMessage[]> {
  let messages: ApiMessage[] = []
  let sizeBytes = 0
  for await (const batch of batches) {
    for (const message of batch) {
      const messageBytes = message.payload.length + message.padding.length + message.thirdPartyId.length + 150
      if (
        messages.length > 0 &&
        (sizeBytes + messageBytes > maxResponseBytes || messages.length >= maxResponseMessages)
      ) {
        yield messages
        messages = []
        sizeBytes = 0
      }
      messages.push(toApiMessage(message))
      sizeBytes += messageBytes
    }
  }
  if (messages.length > 0) yield messages
}
