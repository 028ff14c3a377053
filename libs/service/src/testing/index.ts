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
export { openPeer } from './open-peer.ts'
export type { Peer } from './open-peer.ts'
export { openTestNode, testFolder } from './open-test-node.ts'
export type { TestFolder, TestNode, TestNodeOptions } from './open-test-node.ts'
export { snapshot } from './snapshot.ts'
export type { Snapshot } from './snapshot.ts'
export { appendArchive, makeTorrent, rawArchive, torrentOf } from './make-torrent.ts'
export type { RawArchive } from '../../../archive/testing/assemble-torrent.ts'
export type { MadeTorrent } from './make-torrent.ts'
export { watchEffects } from './watch-effects.ts'
export type { EffectWatcher } from './watch-effects.ts'
export { openInstallation } from './open-installation.ts'
export type { Installation } from './open-installation.ts'
export { silentRecorders } from './silent-recorders.ts'
