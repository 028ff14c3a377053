import { BeyondRangeError, InvalidMessageError, InvalidRangeError } from './errors.ts'

/** [from, to), Unix seconds. */
export interface Partition {
  readonly from: number
  readonly to: number
}

/** [from, to), Unix seconds, and how long a partition is. */
export interface PartitionedRange extends Partition {
  readonly intervalSeconds: number
}

/**
 * The partition of a range that a moment (Unix seconds) falls into: a regular grid from `from` on, its last partition
 * cut at `to` (formats §2). A message that comes late, with a time before `from`, falls into the same grid continued
 * backwards; it never starts before 0.
 * @throws InvalidRangeError, InvalidMessageError, BeyondRangeError
 */
export function partitionOf(range: PartitionedRange, timestamp: number): Partition {
  const { from, to, intervalSeconds } = range
  if (!isTime(from) || !isTime(to) || to < from || !isTime(intervalSeconds) || intervalSeconds < 1)
    throw new InvalidRangeError(from, to, intervalSeconds)
  if (!isTime(timestamp)) throw new InvalidMessageError('timestamp', timestamp)
  if (timestamp >= to) throw new BeyondRangeError(timestamp, to)
  if (timestamp >= from) {
    const start = timestamp - ((timestamp - from) % intervalSeconds)
    return { from: start, to: Math.min(start + intervalSeconds, to) }
  }
  const before = (from - timestamp) % intervalSeconds
  const end = before === 0 ? timestamp + intervalSeconds : timestamp + before
  return { from: Math.max(end - intervalSeconds, 0), to: end }
}

function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
