import type { ConsumerSpec } from '../event-bus.ts'
import type { EventName } from '../event-types.ts'
import type { Subjects } from './subjects.ts'

/** A consumer's settings in the words of the server. */
export interface ConsumerConfig extends Record<string, unknown> {
  readonly filter_subject?: string
  readonly filter_subjects?: readonly string[]
}

/** Handed out to all processes and not acknowledged, with what waits for a redelivery. */
const maxAckPending = 20_000

/** What a consumer has for good, from when it is made. */
export const fixedSettings = { ack_policy: 'explicit', replay_policy: 'instant', max_deliver: -1 } as const

/** What a process brings up to date when it starts to consume. */
export function tunedSettings(ackWaitSeconds: number): Record<string, unknown> {
  return { ack_wait: ackWaitSeconds * 1_000_000_000, max_ack_pending: maxAckPending }
}

/** Subjects of what a consumer takes: events of its names, and replays that are addressed to it. */
export function consumerFilters(
  subjects: Subjects,
  { name, events }: Pick<ConsumerSpec<EventName>, 'name' | 'events'>,
): string[] {
  const names = [...new Set(events)]
  return [...names.map((event) => subjects.events(event)), subjects.replays(name)]
}

export function filtersOf(config: ConsumerConfig): string[] {
  if (config.filter_subject !== undefined) return [config.filter_subject]
  return [...(config.filter_subjects ?? [])]
}
