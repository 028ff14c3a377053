import { CryptoError } from '../errors.ts'

/** What is inside a decrypted Waku payload is no frame of RFC 26. */
export class InvalidWakuFrameError extends CryptoError {
  override readonly name = 'InvalidWakuFrameError'
  readonly problem: string

  constructor(problem: string) {
    super(`the Waku payload is no frame of RFC 26: ${problem}`)
    this.problem = problem
  }
}

/** More data than a Waku payload can carry. */
export class WakuDataTooLargeError extends CryptoError {
  override readonly name = 'WakuDataTooLargeError'
  readonly sizeBytes: number
  readonly maxBytes: number

  constructor(sizeBytes: number, maxBytes: number) {
    super(`${sizeBytes} bytes are too many for a Waku payload, which carries ${maxBytes} at most`)
    this.sizeBytes = sizeBytes
    this.maxBytes = maxBytes
  }
}

/** A time that no Waku message can have. */
export class InvalidWakuTimestampError extends CryptoError {
  override readonly name = 'InvalidWakuTimestampError'
  readonly timestampNanoseconds: bigint

  constructor(timestampNanoseconds: bigint) {
    super(`a Waku message's time is a signed 64-bit number of nanoseconds, not ${timestampNanoseconds}`)
    this.timestampNanoseconds = timestampNanoseconds
  }
}

/** Numbers that name no shard. */
export class InvalidShardError extends CryptoError {
  override readonly name = 'InvalidShardError'
  readonly clusterId: number
  readonly shard: number

  constructor(clusterId: number, shard: number) {
    super(`cluster ${clusterId} and shard ${shard} name no pubsub topic: each is a whole number from 0 to 65,535`)
    this.clusterId = clusterId
    this.shard = shard
  }
}
