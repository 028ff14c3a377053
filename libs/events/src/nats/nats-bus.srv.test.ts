import { describeEventBusContract } from '../testing/event-bus-contract.ts'
import { openNatsHarness } from './testing/nats-harness.ts'

describeEventBusContract('NATS bus', openNatsHarness)
