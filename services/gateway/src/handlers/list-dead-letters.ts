import type { ListDeadLettersRequest, ListDeadLettersResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import { InvalidRequestError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiDeadLetter } from '../to-api.ts'

export async function* listDeadLetters(
  context: CallContext,
  request: ListDeadLettersRequest,
): AsyncIterable<ListDeadLettersResponse> {
  const consumer = request.consumer === '' ? undefined : request.consumer
  const { after = 0 } = request
  if (after < 0) throw new InvalidRequestError({ field: 'after', description: 'must not be negative' })
  const communityId = request.communityId === '' ? undefined : checkCommunityId(request.communityId)
  for await (const letter of context.bus.deadLetters.list()) {
    if (context.signal.aborted) return
    if (letter.id <= after) continue
    if (consumer !== undefined && letter.consumer !== consumer) continue
    if (communityId !== undefined && letter.event.communityId !== communityId) continue
    yield { deadLetter: toApiDeadLetter(letter) }
  }
}
