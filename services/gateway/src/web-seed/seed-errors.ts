/** Nothing is served under this info hash, name and file. */
export class SeedNotFoundError extends Error {
  override readonly name = 'SeedNotFoundError'

  constructor() {
    super('nothing is seeded under this info hash, name and file')
  }
}

/** The blobs no longer have what the catalogue says they have. */
export class SeedBytesMissingError extends Error {
  override readonly name = 'SeedBytesMissingError'
  readonly blob: string
  readonly missingBytes: number

  constructor(blob: string, missingBytes: number) {
    super(`${missingBytes} bytes of a torrent are missing in the blob ${blob}: restore it from a backup`)
    this.blob = blob
    this.missingBytes = missingBytes
  }
}

/** More is asked for at once than is served at once. */
export class SeedBusyError extends Error {
  override readonly name = 'SeedBusyError'

  constructor() {
    super('too much is asked for at once; try again in a moment')
  }
}
