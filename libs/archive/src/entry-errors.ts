import { ArchiveError } from './errors.ts'

/** An index entry whose key is no archive id. */
export class InvalidArchiveIdError extends ArchiveError {
  override readonly name = 'InvalidArchiveIdError'
  readonly id: string

  constructor(id: string) {
    super(`"${id}" is no archive id: it must be 0x and 64 lower-case hex digits`)
    this.id = id
  }
}

/** An index entry whose key is not the hash of its content. */
export class ArchiveIdMismatchError extends ArchiveError {
  override readonly name = 'ArchiveIdMismatchError'
  readonly id: string
  readonly computed: string

  constructor(id: string, computed: string) {
    super(`the index entry ${id} has the content of ${computed}`)
    this.id = id
    this.computed = computed
  }
}

/** An archive with a time range that holds nothing. */
export class InvalidEntryRangeError extends ArchiveError {
  override readonly name = 'InvalidEntryRangeError'
  readonly from: number
  readonly to: number

  constructor(from: number, to: number) {
    super(`an archive cannot go from ${from} to ${to}`)
    this.from = from
    this.to = to
  }
}

/** A content topic that is not 4 bytes long. */
export class InvalidContentTopicError extends ArchiveError {
  override readonly name = 'InvalidContentTopicError'
  readonly lengthBytes: number

  constructor(lengthBytes: number) {
    super(`a content topic has 4 bytes, not ${lengthBytes}`)
    this.lengthBytes = lengthBytes
  }
}

/** An archive that does not start and end where pieces do. */
export class MisalignedEntryError extends ArchiveError {
  override readonly name = 'MisalignedEntryError'
  readonly offsetBytes: number
  readonly sizeBytes: number

  constructor(offsetBytes: number, sizeBytes: number) {
    super(`an archive of ${sizeBytes} bytes at ${offsetBytes} does not start and end where pieces do`)
    this.offsetBytes = offsetBytes
    this.sizeBytes = sizeBytes
  }
}

/** An archive with as much padding as it has bytes, or more. */
export class InvalidPaddingError extends ArchiveError {
  override readonly name = 'InvalidPaddingError'
  readonly paddingBytes: number
  readonly sizeBytes: number

  constructor(paddingBytes: number, sizeBytes: number) {
    super(`an archive of ${sizeBytes} bytes cannot have ${paddingBytes} bytes of padding`)
    this.paddingBytes = paddingBytes
    this.sizeBytes = sizeBytes
  }
}

/** An archive that goes beyond the end of `data`. */
export class BeyondDataError extends ArchiveError {
  override readonly name = 'BeyondDataError'
  readonly offsetBytes: number
  readonly sizeBytes: number
  readonly dataBytes: number

  constructor(offsetBytes: number, sizeBytes: number, dataBytes: number) {
    super(`an archive of ${sizeBytes} bytes at ${offsetBytes} goes beyond the ${dataBytes} bytes of data`)
    this.offsetBytes = offsetBytes
    this.sizeBytes = sizeBytes
    this.dataBytes = dataBytes
  }
}

/** An archive on bytes that another one has. */
export class OverlapError extends ArchiveError {
  override readonly name = 'OverlapError'
  readonly offsetBytes: number
  readonly otherId: string

  constructor(offsetBytes: number, otherId: string) {
    super(`an archive at ${offsetBytes} overlaps ${otherId}`)
    this.offsetBytes = offsetBytes
    this.otherId = otherId
  }
}
