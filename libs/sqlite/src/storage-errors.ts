/** The disk or the file system refused. The message says what to do about it where that is known. */
export class StorageIoError extends Error {
  override readonly name = 'StorageIoError'
  readonly path: string
  /** What was being done, in the imperative: `write`, `open`. */
  readonly operation: string
  /** The system's or SQLite's code: `ENOSPC`, `SQLITE_FULL`. */
  readonly code: string

  constructor(path: string, operation: string, code: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`could not ${operation} ${path}: ${reason} (${code}). ${advice(code)}`, { cause })
    this.path = path
    this.operation = operation
    this.code = code
  }
}

/** The file was written by a newer version of Annals. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError'
  readonly path: string
  readonly foundVersion: number
  readonly knownVersion: number

  constructor(path: string, foundVersion: number, knownVersion: number) {
    super(
      `${path} has schema version ${foundVersion}, and this version of Annals knows up to ${knownVersion}: ` +
        'start the newer version again, or give it another data folder',
    )
    this.path = path
    this.foundVersion = foundVersion
    this.knownVersion = knownVersion
  }
}

/** The file is no SQLite database, or one of another kind than expected. */
export class NotADatabaseError extends Error {
  override readonly name = 'NotADatabaseError'
  readonly path: string
  /** What the file should have been: `events`, `messages`. */
  readonly expected: string

  constructor(path: string, expected: string, reason: string, cause?: unknown) {
    super(`${path} is not Annals' ${expected} database: ${reason}. Move the file away, or correct the path`, { cause })
    this.path = path
    this.expected = expected
  }
}

/** Something was asked of a store after it was closed. */
export class StorageClosedError extends Error {
  override readonly name = 'StorageClosedError'
  readonly path: string

  constructor(path: string) {
    super(`${path} is closed: nothing may use it after its owner disposed of it`)
    this.path = path
  }
}

/** Another process works on the data folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
  readonly path: string
  /** The process that holds it, where it could be read. */
  readonly pid: number | undefined

  constructor(path: string, pid: number | undefined, cause: unknown) {
    super(
      `the folder ${path} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}: ` +
        'stop that process, or use another folder',
      { cause },
    )
    this.path = path
    this.pid = pid
  }
}

function advice(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return 'The disk or the quota is full: free space, then try again; nothing that was acknowledged is lost.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
      return 'Check that the folder exists, is on a writable disk and belongs to the user that runs Annals.'
    case 'EMFILE':
    case 'ENFILE':
      return 'Too many files are open: raise the limit (ulimit -n).'
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return 'Another process holds the file: only one may work on a data folder.'
    case 'SQLITE_CORRUPT':
      return 'The file is damaged: check the disk and restore the folder from a backup.'
    default:
      return 'Check the disk and the file system.'
  }
}
