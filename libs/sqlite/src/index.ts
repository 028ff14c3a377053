export { copyDatabases } from './copy-databases.ts'
export type { DatabaseCopy } from './copy-databases.ts'
export { Database, openDatabase } from './database.ts'
export type { DatabaseSchema, Durability, OpenDatabaseOptions } from './database.ts'
export { findFolderHolder } from './find-folder-holder.ts'
export type { FolderHolder } from './find-folder-holder.ts'
export { GroupCommit } from './group-commit.ts'
export { inspectDatabase } from './inspect-database.ts'
export type { DatabaseInspection, ExpectedDatabase } from './inspect-database.ts'
export { lockFolder } from './lock-folder.ts'
export { guardFileSystem, hasSystemCode, makeFolder, syncFolder } from './make-folder.ts'
export {
  FolderInUseError,
  NotADatabaseError,
  SchemaTooNewError,
  StorageClosedError,
  StorageIoError,
} from './storage-errors.ts'
export { takePage } from './take-page.ts'
