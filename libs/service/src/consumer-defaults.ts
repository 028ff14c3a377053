import type { ConsumerSpec } from '@annals/events'

/**
 * How every service's consumers try again: soon at first, for what a moment heals, then for most of a day, for what a
 * person has to heal (a full disk), and then the dead letters.
 */
export const consumerDefaults = {
  startFrom: 'beginning',
  maxDeliveries: 60,
  backoffSeconds: [0.2, 1, 5, 15, 60, 300, 900],
  concurrency: 4,
} as const satisfies Omit<ConsumerSpec<never>, 'name' | 'events'>

/**
 * For a consumer that each process has for itself. What happened while it was away it sees by going through everything
 * when it starts.
 */
export const ownConsumerDefaults = {
  ...consumerDefaults,
  startFrom: 'end',
  forgetAfterSeconds: 86_400,
} as const satisfies Omit<ConsumerSpec<never>, 'name' | 'events'>
