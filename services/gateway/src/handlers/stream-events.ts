import type { StreamEventsRequest, StreamEventsResponse } from '@annals/proto/api/v1'
import { checkCommunityId, checkEventName } from '../check-request.ts'
import { InvalidRequestError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiEvent } from '../to-api.ts'

export async function* streamEvents(
  context: CallContext,
  request: StreamEventsRequest,
): AsyncIterable<StreamEventsResponse> {
  const { after, follow } = request
  if (after < 0) throw new InvalidRequestError({ field: 'after', description: 'must not be negative' })
  const names = request.names.map((name, i) => checkEventName(name, `names[${i}]`))
  const options = {
    after,
    follow,
    signal: context.signal,
    ...(names.length > 0 && { names }),
    ...(request.communityId !== '' && { communityId: checkCommunityId(request.communityId) }),
  }
  for await (const event of context.bus.read(options)) yield toApiEvent(event)
}
