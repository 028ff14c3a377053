import type {
  DropDeadLetterRequest,
  DropDeadLetterResponse,
  ReplayDeadLetterRequest,
  ReplayDeadLetterResponse,
} from '@annals/proto/api/v1'
import type { CallContext } from '../server/calls.ts'

export async function replayDeadLetter(
  context: CallContext,
  request: ReplayDeadLetterRequest,
): Promise<ReplayDeadLetterResponse> {
  await context.bus.deadLetters.replay(request.id)
  context.log.info({ deadLetter: request.id }, 'a dead letter was handed to its consumer again')
  return {}
}

export async function dropDeadLetter(
  context: CallContext,
  request: DropDeadLetterRequest,
): Promise<DropDeadLetterResponse> {
  await context.bus.deadLetters.drop(request.id)
  context.log.info({ deadLetter: request.id }, 'a dead letter was dropped')
  return {}
}
