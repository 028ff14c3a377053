import { describe } from 'vitest'
import { describeConsuming } from './consuming-contract.ts'
import { describeDeadLetters } from './dead-letters-contract.ts'
import { describeRedelivery } from './redelivery-contract.ts'
import { describeLog } from './event-log-contract.ts'
import type { OpenEventBus } from './event-bus-harness.ts'

/** What every adapter of the event bus keeps to. `open` gives a new, empty store each time. */
export function describeEventBusContract(name: string, open: OpenEventBus): void {
  describe(`${name} as an event bus`, () => {
    describeLog(open)
    describeConsuming(open)
    describeRedelivery(open)
    describeDeadLetters(open)
  })
}
