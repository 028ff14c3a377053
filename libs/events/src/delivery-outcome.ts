import type { ConsumerSpec } from './event-bus.ts'
import type { EventName } from './event-types.ts'
import { describeError } from './describe-error.ts'
import { RetryLaterError } from './errors.ts'
import type { Waiting } from './delivery-queue.ts'

/** What became of a delivery. */
export type Outcome =
  | { readonly kind: 'done'; readonly event: Waiting }
  /** Comes again; `attempts` is what counts from then on as hand-outs before. */
  | { readonly kind: 'again'; readonly event: Waiting; readonly attempts: number; readonly delaySeconds: number }
  | { readonly kind: 'dead'; readonly event: Waiting; readonly deliveries: number; readonly error: string }

/**
 * What follows from a handler's rejection. Giving up because the consumption was told to stop is no failure, and a
 * delivery that the end of the process cut off was none.
 */
export function failedOutcome(
  event: Waiting,
  error: unknown,
  spec: Pick<ConsumerSpec<EventName>, 'maxDeliveries' | 'backoffSeconds'>,
  stopping: boolean,
): Outcome {
  if (error instanceof RetryLaterError) {
    return { kind: 'again', event, attempts: event.attempts, delaySeconds: error.delaySeconds }
  }
  if (stopping) return { kind: 'again', event, attempts: event.attempts, delaySeconds: 0 }
  const attempts = event.attempts + 1
  const failures = attempts - event.interrupted
  if (failures >= spec.maxDeliveries) return { kind: 'dead', event, deliveries: attempts, error: describeError(error) }
  const delaySeconds = spec.backoffSeconds[failures - 1] ?? spec.backoffSeconds.at(-1) ?? 0
  return { kind: 'again', event, attempts, delaySeconds }
}
