import type { EventBus, EventName, StoredEvent } from '@annals/events'
import { LostEventError } from '@annals/events'

export interface Projection<S, N extends EventName> {
  readonly communityId: string
  readonly names: readonly N[]
  readonly initial: S
  readonly evolve: (state: S, event: StoredEvent<N>) => S
}

export interface Projected<S> {
  readonly state: S
  /** The last event that the state takes in. */
  readonly last: LastEvent | undefined
  /** True where the state was made from the start of the log, which has lost what the one before was made of. */
  readonly isAnew?: boolean
}

interface LastEvent {
  readonly sequence: number
  readonly id: string
}

/** The last event of a row, as its columns have it. */
export function lastOf(sequence: number | undefined, id: string | undefined): LastEvent | undefined {
  return sequence === undefined || id === undefined ? undefined : { sequence, id }
}

/**
 * Brings a projection of a community's events up to date. The log must still hold the last event that was taken in: an
 * engine that lost its newest events gives their positions to others, and what was made of the lost ones holds no more.
 * Then the projection is made anew, from the start of the log.
 */
export async function projectCommunity<S, N extends EventName>(
  bus: Pick<EventBus, 'read'>,
  projection: Projection<S, N>,
  before: Projected<S>,
): Promise<Projected<S>> {
  const { communityId, names, evolve, initial } = projection
  let { state, last } = before
  const from = last === undefined ? {} : { after: last.sequence, afterId: last.id }
  try {
    for await (const read of bus.read({ ...from, communityId, names })) {
      const event = read as StoredEvent<N>
      state = evolve(state, event)
      last = { sequence: event.sequence, id: event.id }
    }
    return { state, last }
  } catch (error) {
    if (!(error instanceof LostEventError)) throw error
    return { ...(await projectCommunity(bus, projection, { state: initial, last: undefined })), isAnew: true }
  }
}
