export {
  InvalidStorePlaceError,
  InvalidWakuAddressError,
  isPassing,
  isWakuNodeError,
  StoresUnavailableError,
  StoreTooSlowError,
  WakuAnswerError,
  WakuAnswerTooLargeError,
  WakuRateLimitedError,
  WakuRefusedError,
  WakuTimeoutError,
  WakuUnreachableError,
} from './errors.ts'
export type { Listening, OnMessage } from './feed/listeners.ts'
export { openWakuFeed } from './feed/open-waku-feed.ts'
export type { WakuFeed, WakuFeedOptions } from './feed/open-waku-feed.ts'
export type { WakuLog } from './feed/waku-log.ts'
export { LiveQueue } from './live-queue.ts'
export { openWakuNode } from './open-waku-node.ts'
export type { WakuNodeOptions } from './open-waku-node.ts'
export { backoffMilliseconds } from './patiently.ts'
export { pauseFor } from './pause.ts'
export { queryStores } from './store/query-stores.ts'
export type { StoresPage, StoresQuery, StoresReading } from './store/query-stores.ts'
export type { MissingSpan, StoreReport } from './store/store-report.ts'
export type { ChatTopic } from './store/topic-groups.ts'
export { Turns } from './turns.ts'
export { messageHash, sizeOnWireBytes } from './waku-message.ts'
export type { CarriedMessage, WakuMessage } from './waku-message.ts'
export type { Drained, NodeHealth, RefusedMessage, StorePage, StorePageQuery, WakuNode } from './waku-node.ts'
