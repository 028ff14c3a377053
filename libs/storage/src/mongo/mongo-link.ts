import type { Db } from 'mongodb'

/** A connection to one database, for all stores of a process. Whoever made it closes it, after the stores. */
export interface MongoLink extends AsyncDisposable {
  readonly database: Db
  /** Hosts and ports, without name and password. */
  readonly server: string
  /**
   * Does something at the server. `operation` says what, in the imperative, for the errors' text. What is `repeatable`
   * comes to the same when it is done twice, and is done once more when the connection broke meanwhile.
   * @throws StorageUnavailableError, StorageAuthenticationError, StorageClosedError, and what is not the driver's as it is
   */
  run<T>(operation: string, work: () => Promise<T>, options?: { readonly repeatable: boolean }): Promise<T>
  /** Makes the indexes of a collection where they are missing; once a link and collection. @throws as `run` does */
  prepare(collection: string): Promise<void>
}
