export {
  channelId,
  chatMessage,
  communityId,
  firstWeek,
  importedMessage,
  makeCommunity,
  sealWeek,
  weekSeconds,
} from './make-community.ts'
export type { MadeCommunity } from './make-community.ts'
export { startWebSeed } from './start-web-seed.ts'
export type { TestWebSeed } from './start-web-seed.ts'
