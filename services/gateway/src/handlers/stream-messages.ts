import type { StreamMessagesRequest, StreamMessagesResponse } from '@annals/proto/api/v1'
import { checkRange, knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { batchMessages } from '../batch-messages.ts'

export async function* streamMessages(
  context: CallContext,
  request: StreamMessagesRequest,
): AsyncIterable<StreamMessagesResponse> {
  const { communityId } = await knownCommunity(context, request.communityId)
  for await (const messages of batchMessages(context.messages.range(communityId, checkRange(request))))
    yield { messages }
}
