import { describe, expect, it } from 'vitest'
import { RetryLaterError } from './errors.ts'
import { failedOutcome } from './delivery-outcome.ts'

const spec = { maxDeliveries: 4, backoffSeconds: [1, 10] }
const waiting = (attempts: number, interrupted = 0) => ({ sequence: 1, communityId: 'c', attempts, interrupted })
const failure = new Error('no', { cause: 'below' })

describe('failedOutcome', () => {
  it('waits longer from failure to failure, and as long as the last wait from then on', () => {
    const delays = [0, 1, 2].map((attempts) => failedOutcome(waiting(attempts), failure, spec, false))
    expect(delays).toMatchObject([
      { kind: 'again', attempts: 1, delaySeconds: 1 },
      { kind: 'again', attempts: 2, delaySeconds: 10 },
      { kind: 'again', attempts: 3, delaySeconds: 10 },
    ])
    expect(failedOutcome(waiting(0), failure, { ...spec, backoffSeconds: [] }, false)).toMatchObject({
      delaySeconds: 0,
    })
  })

  it('gives up after the last delivery, with the error and its cause', () => {
    expect(failedOutcome(waiting(3), failure, spec, false)).toMatchObject({
      kind: 'dead',
      deliveries: 4,
      error: "Error: no <- 'below'",
    })
  })

  it('does not count deliveries that were cut off', () => {
    expect(failedOutcome(waiting(3, 1), failure, spec, false)).toMatchObject({ kind: 'again', attempts: 4 })
    expect(failedOutcome(waiting(4, 1), failure, spec, false)).toMatchObject({ kind: 'dead', deliveries: 5 })
  })

  it('does not count what is put off, nor what gives up because it was told to stop', () => {
    const later = new RetryLaterError(30, 'not yet')
    expect(failedOutcome(waiting(3), later, spec, false)).toMatchObject({
      kind: 'again',
      attempts: 3,
      delaySeconds: 30,
    })
    expect(failedOutcome(waiting(3), failure, spec, true)).toMatchObject({
      kind: 'again',
      attempts: 3,
      delaySeconds: 0,
    })
  })
})
