import { InvalidConsumerError } from './errors.ts'
import type { ConsumerSpec } from './event-bus.ts'
import type { EventName } from './event-types.ts'

/** @throws InvalidConsumerError for a spec with which no event would ever be handed out, or none given up */
export function checkConsumerSpec(spec: ConsumerSpec<EventName>): void {
  const fail = (field: string, expected: string): never => {
    throw new InvalidConsumerError(spec.name, field, expected)
  }
  if (!/^[A-Za-z0-9_-]+$/.test(spec.name)) fail('name', 'letters, digits, hyphens and underscores')
  if (!Number.isInteger(spec.concurrency) || spec.concurrency < 1) fail('concurrency', 'a whole number from 1')
  if (!Number.isInteger(spec.maxDeliveries) || spec.maxDeliveries < 1) fail('maxDeliveries', 'a whole number from 1')
  if (!spec.backoffSeconds.every((seconds) => Number.isFinite(seconds) && seconds >= 0)) {
    fail('backoffSeconds', 'numbers from 0')
  }
  const { forgetAfterSeconds = 1 } = spec
  if (!Number.isInteger(forgetAfterSeconds) || forgetAfterSeconds < 1)
    fail('forgetAfterSeconds', 'a whole number from 1')
}
