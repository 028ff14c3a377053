import { callJetStream, isRefusal, isServerAtLeast, type NatsLink } from '@annals/nats'
import type { ConsumerSpec } from '../event-bus.ts'
import type { EventName } from '../event-types.ts'
import { consumerFilters, filtersOf, fixedSettings, tunedSettings, type ConsumerConfig } from './consumer-config.ts'
import { Subjects } from './subjects.ts'

/** How a durable consumer of the log stands, in the words of the server. */
export interface ConsumerState {
  readonly name: string
  /** RFC 3339. */
  readonly created: string
  readonly config: ConsumerConfig
  /** Events that wait to be handed out for the first time. */
  readonly num_pending: number
  /** Handed out and not acknowledged. */
  readonly num_ack_pending: number
  /** Of those, handed out more than once. */
  readonly num_redelivered: number
  /** Requests of processes that wait for events. */
  readonly num_waiting: number
  /** `last_active`, RFC 3339: when it last handed something out; absent where it never did. */
  readonly delivered: { readonly last_active?: string }
  readonly ack_floor: { readonly last_active?: string }
}

/** One setting of a consumer that is not as the bus would make it. */
export interface ConsumerDrift {
  readonly consumer: string
  /** As the server names it; `filter_subjects` for both forms of it. */
  readonly setting: string
  readonly expected: unknown
  readonly found: unknown
  /** Whether whoever starts to consume puts it right. */
  readonly isTuned: boolean
}

/**
 * The durable consumers of the log; those of readings are left out.
 * @throws as `callJetStream`; a log that is missing has none
 */
export async function listConsumers(link: NatsLink, namespace: string): Promise<ConsumerState[]> {
  const { logStream } = new Subjects(namespace)
  const consumers: ConsumerState[] = []
  try {
    while (true) {
      const page = await callJetStream<{ readonly total: number; readonly consumers: ConsumerState[] | null }>(
        link,
        `CONSUMER.LIST.${logStream}`,
        { offset: consumers.length },
      )
      consumers.push(...(page.consumers ?? []))
      if (page.consumers === null || page.consumers.length === 0 || consumers.length >= page.total) break
    }
  } catch (error) {
    if (isRefusal(error, 'streamNotFound')) return []
    throw error
  }
  return consumers.filter(({ config }) => config['durable_name'] !== undefined)
}

/**
 * What differs from how the bus would make the consumer. Names that it takes in addition are another version's, and one
 * that the server may forget, and does not, is one of an older version.
 */
export function compareConsumer(
  link: NatsLink,
  namespace: string,
  spec: Pick<ConsumerSpec<EventName>, 'name' | 'events' | 'forgetAfterSeconds'>,
  ackWaitSeconds: number,
  { config }: ConsumerState,
): ConsumerDrift[] {
  const drift = (expected: Readonly<Record<string, unknown>>, isTuned: boolean): ConsumerDrift[] =>
    Object.entries(expected).flatMap(([setting, value]) =>
      config[setting] === value
        ? []
        : [{ consumer: spec.name, setting, expected: value, found: config[setting], isTuned }],
    )
  const filters = consumerFilters(new Subjects(namespace), spec)
  const found = filtersOf(config)
  // Before 2.10 one wide filter stands for all.
  const lacks = isServerAtLeast(link, 2, 10) && filters.some((filter) => !found.includes(filter))
  return [
    ...drift({ ...fixedSettings, deliver_subject: undefined }, false),
    ...(spec.forgetAfterSeconds === undefined ? drift({ inactive_threshold: undefined }, false) : []),
    ...drift(tunedSettings(ackWaitSeconds), true),
    ...(lacks ? [{ consumer: spec.name, setting: 'filter_subjects', expected: filters, found, isTuned: true }] : []),
  ]
}
