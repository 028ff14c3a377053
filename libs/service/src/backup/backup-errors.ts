/** A folder is not as a backup or a restore must find it. */
export class FolderNotEmptyError extends Error {
  override readonly name = 'FolderNotEmptyError'
  readonly path: string
  /** The first name that should not be there. */
  readonly found: string

  constructor(path: string, found: string) {
    super(`${path} holds something already (${found}): name a folder that is empty or not there yet`)
    this.path = path
    this.found = found
  }
}

/** A folder is no backup, or none that is complete and whole. */
export class BackupUnusableError extends Error {
  override readonly name = 'BackupUnusableError'
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path} cannot be restored: ${reason}. Nothing was changed; use another backup`, options)
    this.path = path
  }
}

/** A restore into a data folder was begun and is not done. */
export class RestoreCutOffError extends Error {
  override readonly name = 'RestoreCutOffError'
  readonly path: string

  constructor(path: string) {
    super(`a restore into ${path} was cut off: run "annals restore" again with the same backup, and start then`)
    this.path = path
  }
}
