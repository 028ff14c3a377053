export {
  addControlled,
  addMember,
  eventsOf,
  log,
  messageOf,
  privateKeyOf,
  publishDue,
  waitForEvent,
} from './communities.ts'
export { Faults, InjectedFault } from './faults.ts'
export { ManualClock } from './manual-clock.ts'
export { openTestNode } from './open-test-node.ts'
export type { TestNode, TestNodeOptions } from './open-test-node.ts'
export { snapshot } from './snapshot.ts'
export type { Snapshot } from './snapshot.ts'
