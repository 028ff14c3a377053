import type { EventName, ReadOptions, StoredEvent } from '@annals/events'
import type { GetEventRequest, GetEventResponse } from '@annals/proto/api/v1'
import { UndecodableEventError, isEventName } from '@annals/events'
import { EventNotFoundError, InvalidRequestError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiEvent } from '../to-api.ts'

export async function getEvent(context: CallContext, request: GetEventRequest): Promise<GetEventResponse> {
  return { event: toApiEvent(await findEvent(context, request)) }
}

function findEvent(context: CallContext, { sequence, id }: GetEventRequest): Promise<StoredEvent> {
  if (id !== undefined) return findById(context, id)
  if (sequence !== undefined) return findBySequence(context, sequence)
  throw new InvalidRequestError({ field: 'which', description: 'must be a position in the log or an id' })
}

async function findBySequence(context: CallContext, sequence: number): Promise<StoredEvent> {
  if (sequence < 1) throw new InvalidRequestError({ field: 'sequence', description: 'must be 1 or more' })
  try {
    for await (const event of context.bus.read({ after: sequence - 1, signal: context.signal })) {
      if (event.sequence === sequence) return event
      break
    }
  } catch (error) {
    // Of the next one, where the log has a gap here.
    if (!(error instanceof UndecodableEventError) || error.sequence === sequence) throw error
  }
  throw new EventNotFoundError(String(sequence))
}

/** An id names its event and its community, so that only those events are looked at. */
async function findById(context: CallContext, id: string): Promise<StoredEvent> {
  const narrowed = { ...narrow(id), signal: context.signal }
  for (let after = 0; ;) {
    try {
      for await (const event of context.bus.read({ ...narrowed, after })) if (event.id === id) return event
      throw new EventNotFoundError(id)
    } catch (error) {
      if (!(error instanceof UndecodableEventError) || error.eventId === id) throw error
      after = error.sequence
    }
  }
}

function narrow(id: string): Pick<ReadOptions, 'communityId'> & { names: EventName[] } {
  const [name = '', communityId = '', ...rest] = id.split('/')
  if (isEventName(name) && communityId !== '' && rest.length > 0) return { names: [name], communityId }
  const description = 'must be <EventName>/<community id>/… with the name of an event that there is'
  throw new InvalidRequestError({ field: 'id', description })
}
