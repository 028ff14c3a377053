export type { Claim, Collection, CollectionDefinition, StateStore, Versioned } from './state-store.ts'
export type {
  IngestResult,
  MessageKey,
  MessageState,
  MessageStore,
  MessageSummary,
  PendingQuery,
  TimeRange,
} from './message-store.ts'
export type { BlobInfo, BlobStore } from './blob-store.ts'
export { communities } from './documents/communities.ts'
export type { CommunityDocument } from './documents/communities.ts'
export { communityKeys } from './documents/community-keys.ts'
export { catalogues, emptyCatalogue } from './documents/catalogues.ts'
export type { Catalogue, CatalogueArchive } from './documents/catalogues.ts'
export { seedings } from './documents/seedings.ts'
export type { Seeding } from './documents/seedings.ts'
export { dispatches } from './documents/dispatches.ts'
export type { Dispatch } from './documents/dispatches.ts'
export { downloads, emptyDownload } from './documents/downloads.ts'
export type { Download } from './documents/downloads.ts'
export { schedules } from './documents/schedules.ts'
export type { ScheduleDocument } from './documents/schedules.ts'
