/** What all errors about the file of master keys are. Nothing of its content is in them. */
export abstract class MasterKeyFileError extends Error {
  abstract readonly path: string
}

/** There is no such file, and none is made here. */
export class MasterKeyMissingError extends MasterKeyFileError {
  override readonly name = 'MasterKeyMissingError'
  readonly path: string
  /** True where secrets are in the store that it takes to read. */
  readonly lost: boolean

  constructor(path: string, lost: boolean) {
    super(
      lost
        ? `the master key file ${path} is missing, and secrets in the store are encrypted under what was in it: ` +
            'restore it from a backup, or set ANNALS_MASTER_KEY_FILE to where it is now'
        : `the master key file ${path} is missing: make one with "openssl rand -hex 32", for this user alone (mode 0600)`,
    )
    this.path = path
    this.lost = lost
  }
}

/** Others than the user of this process may read or write the file. */
export class MasterKeyExposedError extends MasterKeyFileError {
  override readonly name = 'MasterKeyExposedError'
  readonly path: string
  /** The permission bits. */
  readonly mode: number

  constructor(path: string, mode: number) {
    const found = mode.toString(8).padStart(4, '0')
    super(`the master key file ${path} has mode ${found}, so that others can get at it: chmod 600 it`)
    this.path = path
    this.mode = mode
  }
}

/** The file is no file of master keys. */
export class MasterKeyFormError extends MasterKeyFileError {
  override readonly name = 'MasterKeyFormError'
  readonly path: string

  constructor(path: string, problem: string) {
    super(
      `the master key file ${path} ${problem}: 32 bytes are expected, or lines of 64 hex digits, the newest key first`,
    )
    this.path = path
  }
}

/** The system does not let the file be read, or made. */
export class MasterKeyUnreadableError extends MasterKeyFileError {
  override readonly name = 'MasterKeyUnreadableError'
  readonly path: string
  /** The system's, such as EACCES. */
  readonly code: string

  constructor(path: string, code: string, options: ErrorOptions) {
    super(`the master key file ${path} cannot be read or made (${code})`, options)
    this.path = path
    this.code = code
  }
}
