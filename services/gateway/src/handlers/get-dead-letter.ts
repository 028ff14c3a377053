import type { GetDeadLetterRequest, GetDeadLetterResponse } from '@annals/proto/api/v1'
import { UnknownDeadLetterError } from '@annals/events'
import type { CallContext } from '../server/calls.ts'
import { toApiDeadLetter } from '../to-api.ts'

export async function getDeadLetter(
  context: CallContext,
  request: GetDeadLetterRequest,
): Promise<GetDeadLetterResponse> {
  for await (const letter of context.bus.deadLetters.list())
    if (letter.id === request.id) return { deadLetter: toApiDeadLetter(letter) }
  throw new UnknownDeadLetterError(request.id)
}
