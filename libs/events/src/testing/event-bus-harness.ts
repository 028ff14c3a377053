import type { ConsumerSpec, EventBus } from '../event-bus.ts'
import { eventId, type EventName, type NewEvent } from '../event-types.ts'

/** One store of events under test, empty at first. Disposing of it ends all that it opened. */
export interface EventBusHarness extends AsyncDisposable {
  readonly bus: EventBus
  /** Closes the bus in order and opens it over the same store. */
  restart(): Promise<EventBus>
  /**
   * Leaves the bus as a killed process would, acknowledging nothing any more, and opens another over what was stored
   * at that moment. Handlers of the old one may still run; what they do must not reach the new one.
   */
  crash(): Promise<EventBus>
}

export type OpenEventBus = () => Promise<EventBusHarness>

/** A community id in its usual form. */
export function community(number: number): string {
  return `0x02${number.toString(16).padStart(64, '0')}`
}

export function due(communityId: string, week: number): NewEvent<'ArchiveDue'> {
  const from = week * 604_800
  const to = from + 604_800
  return {
    id: eventId('ArchiveDue', communityId, `${from}-${to}`),
    name: 'ArchiveDue',
    communityId,
    payload: { from, to, intervalSeconds: 604_800 },
  }
}

export function unseeded(communityId: string, reason: string): NewEvent<'Unseeded'> {
  return {
    id: eventId('Unseeded', communityId, reason),
    name: 'Unseeded',
    communityId,
    payload: { infoHash: 'ab'.repeat(20), reason },
  }
}

/** A consumer that fails fast. */
export function consumer<N extends EventName>(
  name: string,
  events: readonly N[],
  options: Partial<ConsumerSpec<N>> = {},
): ConsumerSpec<N> {
  return { name, events, maxDeliveries: 3, backoffSeconds: [0.01, 0.02], concurrency: 4, ...options }
}
