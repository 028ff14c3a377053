export { Arrivals, collect } from './collect.ts'
export { describeEventBusContract } from './event-bus-contract.ts'
export { community, consumer, due, unseeded } from './event-bus-harness.ts'
export type { EventBusHarness, OpenEventBus } from './event-bus-harness.ts'
