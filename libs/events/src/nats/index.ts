export { openNatsBus } from './open-nats-bus.ts'
export type { NatsBusOptions } from './open-nats-bus.ts'
export { busStreams } from './bus-streams.ts'
export { Subjects } from './subjects.ts'
