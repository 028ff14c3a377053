import type { StreamMessagesRequest, StreamMessagesResponse, WakuMessage } from '@annals/proto/api/v1'
import { checkRange, knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiMessage } from '../to-api.ts'

/** Below what clients take in one message by default, 4 MiB; a single large message goes alone. */
const maxResponseBytes = 1024 * 1024
const maxResponseMessages = 1000

export async function* streamMessages(
  context: CallContext,
  request: StreamMessagesRequest,
): AsyncIterable<StreamMessagesResponse> {
  const { communityId } = await knownCommunity(context, request.communityId)
  let messages: WakuMessage[] = []
  let sizeBytes = 0
  for await (const batch of context.messages.range(communityId, checkRange(request))) {
    for (const message of batch) {
      const messageBytes = message.payload.length + message.padding.length + message.thirdPartyId.length + 150
      if (
        messages.length > 0 &&
        (sizeBytes + messageBytes > maxResponseBytes || messages.length >= maxResponseMessages)
      ) {
        yield { messages }
        messages = []
        sizeBytes = 0
      }
      messages.push(toApiMessage(message))
      sizeBytes += messageBytes
    }
  }
  if (messages.length > 0) yield { messages }
}
