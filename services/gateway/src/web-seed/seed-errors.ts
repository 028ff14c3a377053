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

/** Nothing of the file is in the ranges that are asked for, or they are more than are answered. */
export class RangeRefusedError extends Error {
  override readonly name = 'RangeRefusedError'
  readonly fileBytes: number

  constructor(fileBytes: number) {
    super(`nothing is sent for these ranges: ask for up to eight that do not overlap, of the file's ${fileBytes} bytes`)
    this.fileBytes = fileBytes
  }
}
