export { nodeOf, startWakuPair, testPubsubTopic } from './start-waku-pair.ts'
export type { WakuPair } from './start-waku-pair.ts'
