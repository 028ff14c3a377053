/** What all errors of this package are: bytes or texts from outside that break a rule, or arguments that do. */
export abstract class ArchiveError extends Error {}

/** Bytes end before what they announce does. Nothing of the cut field is used. */
export class TruncatedError extends ArchiveError {
  override readonly name = 'TruncatedError'
  readonly what: string
  readonly positionBytes: number

  constructor(what: string, positionBytes: number) {
    super(`${what} is cut off: the field at byte ${positionBytes} goes beyond the end; fetch it again`)
    this.what = what
    this.positionBytes = positionBytes
  }
}

/** Bytes that are no protobuf: a field number, wire type or number that cannot be. */
export class MalformedWireError extends ArchiveError {
  override readonly name = 'MalformedWireError'
  readonly what: string
  readonly positionBytes: number
  readonly problem: string

  constructor(what: string, positionBytes: number, problem: string) {
    super(`${what} is no valid protobuf: ${problem} at byte ${positionBytes}`)
    this.what = what
    this.positionBytes = positionBytes
    this.problem = problem
  }
}

/** A number of the format that is larger than 2^53 - 1. No time, offset or size is. */
export class UnsafeIntegerError extends ArchiveError {
  override readonly name = 'UnsafeIntegerError'
  readonly what: string
  readonly positionBytes: number

  constructor(what: string, positionBytes: number) {
    super(`${what} holds a number above 2^53 - 1 at byte ${positionBytes}; no time, offset or size is that large`)
    this.what = what
    this.positionBytes = positionBytes
  }
}

/** Text that is not UTF-8. */
export class InvalidTextError extends ArchiveError {
  override readonly name = 'InvalidTextError'
  readonly what: string
  readonly positionBytes: number

  constructor(what: string, positionBytes: number, cause: unknown) {
    super(`${what} holds a text at byte ${positionBytes} that is not UTF-8`, { cause })
    this.what = what
    this.positionBytes = positionBytes
  }
}

/** More of something than is taken from outside. */
export class LimitError extends ArchiveError {
  override readonly name = 'LimitError'
  readonly what: string
  readonly limit: number
  readonly found: number

  constructor(what: string, limit: number, found: number) {
    super(`${what}: ${found}, but no more than ${limit} are taken`)
    this.what = what
    this.limit = limit
    this.found = found
  }
}

/** An archive or index of an encrypted community. It is no empty one: decrypt it first. */
export class EncryptedError extends ArchiveError {
  override readonly name = 'EncryptedError'
  readonly what: string

  constructor(what: string) {
    super(`${what} is encrypted for the community's members; decrypt it with the group key first`)
    this.what = what
  }
}

/** An archive or index entry without metadata. */
export class MissingMetadataError extends ArchiveError {
  override readonly name = 'MissingMetadataError'
  readonly what: string

  constructor(what: string) {
    super(`${what} has no metadata`)
    this.what = what
  }
}

/** A message with a field that no message of the network has; it can neither be told from others nor be archived. */
export class InvalidMessageError extends ArchiveError {
  override readonly name = 'InvalidMessageError'
  readonly field: 'timestamp' | 'topic' | 'hash'
  readonly found: number

  constructor(field: 'timestamp' | 'topic' | 'hash', found: number) {
    const expected = { timestamp: 'whole Unix seconds', topic: '4 bytes', hash: '32 bytes' }[field]
    super(`a message's ${field} must be ${expected}, found ${field === 'timestamp' ? found : `${found} bytes`}`)
    this.field = field
    this.found = found
  }
}

/** A range or interval that makes no partitions. */
export class InvalidRangeError extends ArchiveError {
  override readonly name = 'InvalidRangeError'
  readonly from: number
  readonly to: number
  readonly intervalSeconds: number

  constructor(from: number, to: number, intervalSeconds: number) {
    super(`[${from}, ${to}) by ${intervalSeconds} s is no range of whole Unix seconds in steps of 1 s or more`)
    this.from = from
    this.to = to
    this.intervalSeconds = intervalSeconds
  }
}

/** A message at or after the end of the range: it belongs to a later one. */
export class BeyondRangeError extends ArchiveError {
  override readonly name = 'BeyondRangeError'
  readonly timestamp: number
  readonly to: number

  constructor(timestamp: number, to: number) {
    super(
      `a message of ${timestamp} does not belong to a range that ends at ${to}; ask for messages before the end only`,
    )
    this.timestamp = timestamp
    this.to = to
  }
}

/** A message of a partition that is closed already. */
export class OutOfOrderError extends ArchiveError {
  override readonly name = 'OutOfOrderError'
  readonly timestamp: number
  readonly partitionFrom: number

  constructor(timestamp: number, partitionFrom: number) {
    super(
      `a message of ${timestamp} came after one of the partition from ${partitionFrom} on; hand messages over by time`,
    )
    this.timestamp = timestamp
    this.partitionFrom = partitionFrom
  }
}

/** An offset that no archive can have. */
export class InvalidOffsetError extends ArchiveError {
  override readonly name = 'InvalidOffsetError'
  readonly offsetBytes: number

  constructor(offsetBytes: number) {
    super(`an archive cannot start at byte ${offsetBytes}: it starts where a piece does`)
    this.offsetBytes = offsetBytes
  }
}
