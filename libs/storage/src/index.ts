export type { Claim, Collection, CollectionDefinition, StateStore, Versioned, Write } from './state-store.ts'
export type {
  IngestResult,
  MessageKey,
  MessageSpan,
  MessageState,
  MessageStore,
  MessageSummary,
  PendingQuery,
  TimeRange,
} from './message-store.ts'
export type { BlobInfo, BlobStore, ListedBlob } from './blob-store.ts'
export { announcementProbes } from './documents/announcement-probes.ts'
export type { AnnouncementProbe } from './documents/announcement-probes.ts'
export { communities } from './documents/communities.ts'
export type { CommunityDocument } from './documents/communities.ts'
export { chatCoverage } from './documents/chat-coverage.ts'
export { communityDescriptions } from './documents/community-descriptions.ts'
export type { DescribedChats } from './documents/community-descriptions.ts'
export { describedClocks } from './documents/described-clocks.ts'
export { heardClocks } from './documents/heard-clocks.ts'
export { historyFindings } from './documents/history-findings.ts'
export type { HistoryFindings } from './documents/history-findings.ts'
export { historySyncs } from './documents/history-syncs.ts'
export type { HistorySync } from './documents/history-syncs.ts'
export { communityKeys } from './documents/community-keys.ts'
export type { CommunityKeyDocument } from './documents/community-keys.ts'
export { groupKeySequences, groupKeys } from './documents/group-keys.ts'
export type { GroupKeyDocument, WantedKeyDocument } from './documents/group-keys.ts'
export { installationIds } from './documents/installation-ids.ts'
export { waitingArchives } from './documents/waiting-archives.ts'
export type { WaitingArchive } from './documents/waiting-archives.ts'
export { keyChores } from './documents/key-chores.ts'
export type { SealedDocument } from './documents/sealed.ts'
export { signatureAnswers, signatureRequests } from './documents/signature-requests.ts'
export type { SignatureRequestDocument } from './documents/signature-requests.ts'
export { catalogues, emptyCatalogue } from './documents/catalogues.ts'
export type { Catalogue, CatalogueArchive } from './documents/catalogues.ts'
export { fetchProbes } from './documents/fetch-probes.ts'
export type { FetchProbe } from './documents/fetch-probes.ts'
export { finishedRanges } from './documents/finished-ranges.ts'
export { chores } from './documents/chores.ts'
export { instances } from './documents/instances.ts'
export type { Instance } from './documents/instances.ts'
export { leases } from './documents/leases.ts'
export { servings } from './documents/servings.ts'
export type { Serving } from './documents/servings.ts'
export { trackerPeers } from './documents/tracker-peers.ts'
export type { TrackerPeers } from './documents/tracker-peers.ts'
export { seedings } from './documents/seedings.ts'
export type { Seeding } from './documents/seedings.ts'
export { dispatches } from './documents/dispatches.ts'
export type { Dispatch } from './documents/dispatches.ts'
export { ownerTokens } from './documents/owner-tokens.ts'
export type { OwnerToken } from './documents/owner-tokens.ts'
export { refusals } from './documents/refusals.ts'
export type { RefusalsDocument } from './documents/refusals.ts'
export { schedules } from './documents/schedules.ts'
export type { ScheduleDocument } from './documents/schedules.ts'
export { announcementCursors, downloadProgress, downloads } from './documents/downloads.ts'
export type { Announcement, Download, DownloadProgress } from './documents/downloads.ts'
export { readDocuments } from './sqlite/read-documents.ts'
export { readBlob } from './read-blob.ts'
export { dataLengthBytes, toArchiveEntry, toCatalogueArchive } from './catalogue-archive.ts'
export {
  BlobCorruptError,
  BlobMissingError,
  InvalidBlobKeyError,
  InvalidDocumentIdError,
  InvalidMessageError,
  StoredDocumentError,
  VersionConflictError,
} from './errors.ts'
export { messageSchema } from './sqlite/message-schema.ts'
export { stateSchema } from './sqlite/state-schema.ts'
export { openSqliteState } from './sqlite/open-sqlite-state.ts'
export type { SqliteStateOptions } from './sqlite/open-sqlite-state.ts'
export { openSqliteMessages } from './sqlite/open-sqlite-messages.ts'
export type { SqliteMessagesOptions } from './sqlite/open-sqlite-messages.ts'
export {
  BlobUploadLostError,
  ServerAddressError,
  ServerTooOldError,
  StorageAuthenticationError,
  StorageUnavailableError,
  UnsafeIndexError,
} from './server-errors.ts'
export { openFileBlobs, readFileBlobs } from './files/open-file-blobs.ts'
export type { FileBlobsOptions } from './files/open-file-blobs.ts'
export {
  FolderInUseError,
  lockFolder,
  NotADatabaseError,
  SchemaTooNewError,
  StorageClosedError,
  StorageIoError,
} from '@annals/sqlite'
export { putUnlessChanged } from './put-unless-changed.ts'
export { updateDocument } from './update-document.ts'
