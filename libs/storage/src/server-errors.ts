/**
 * The database server could not be reached, refused, or did not answer in time. Whether a write was done is not known:
 * read again and decide anew. What is asked later finds the server by itself once it is back.
 */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError'
  /** Hosts and ports, without name and password. */
  readonly server: string
  /** What was being done: `put to state.schedules`. */
  readonly operation: string
  /** The server's code, where it was the server that refused. */
  readonly code: number | undefined

  constructor(server: string, operation: string, code: number | undefined, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `could not ${operation} at ${server}: ${reason}. Check that the database server runs, that it can be reached ` +
        'from here, and its log; it may or may not have been done, and trying again is safe',
      { cause },
    )
    this.server = server
    this.operation = operation
    this.code = code
  }
}

/** The database server does not take the name and password, or lets this user not do what was asked. */
export class StorageAuthenticationError extends Error {
  override readonly name = 'StorageAuthenticationError'
  readonly server: string
  readonly operation: string

  constructor(server: string, operation: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `${server} refuses to ${operation}: ${reason}. Check the name, the password and authSource in the address, and ` +
        'that the user may read and write the database and make indexes in it',
      { cause },
    )
    this.server = server
    this.operation = operation
  }
}

/** The database server is of a version that Annals is not safe on. */
export class ServerTooOldError extends Error {
  override readonly name = 'ServerTooOldError'
  readonly server: string
  readonly found: string
  readonly required: string

  constructor(server: string, found: string, required: string) {
    super(`${server} is ${found}, and Annals needs ${required}: bring the server up to date, or use another one`)
    this.server = server
    this.found = found
    this.required = required
  }
}

/** An address of a database server that cannot be used. It is not shown, as it may hold a password. */
export class ServerAddressError extends Error {
  override readonly name = 'ServerAddressError'

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `the address of the database server cannot be used: ${reason}. Expected mongodb://[name:password@]host:port/…`,
      {
        cause,
      },
    )
  }
}

/** An index that the adapter relies on for its correctness is there in another form. */
export class UnsafeIndexError extends Error {
  override readonly name = 'UnsafeIndexError'
  readonly collection: string
  readonly index: string

  constructor(collection: string, index: string) {
    super(
      `the index ${index} of ${collection} is not unique, as it must be: drop it, remove what is double, and start again`,
    )
    this.collection = collection
    this.index = index
  }
}

/** A sweep took an upload for left over while it was still under way. */
export class BlobUploadLostError extends Error {
  override readonly name = 'BlobUploadLostError'
  readonly server: string

  constructor(server: string) {
    super(
      `an upload of a blob to ${server} was swept away before it was done: put it again, and sweep only what was left ` +
        'longer ago than an upload may stand still',
    )
    this.server = server
  }
}
