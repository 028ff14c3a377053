import { CryptoError } from '../errors.ts'

/** Why a segment cannot be part of a message. */
export type SegmentProblem =
  /** Fewer than two segments, or more than a message may have, or a number that is not below that count. */
  | 'count'
  /** It carries nothing. */
  | 'empty'
  /** Its sender said another count for the same message before. */
  | 'inconsistent'
  /** The message would be larger than any that is read. */
  | 'too-large'
  /** All segments are there, and together they are not what they say they are. */
  | 'hash-mismatch'

/** A segment of a message that is none, or of a message that is none. */
export class InvalidSegmentError extends CryptoError {
  override readonly name = 'InvalidSegmentError'
  readonly problem: SegmentProblem

  constructor(problem: SegmentProblem) {
    super(`a segment of a message cannot be used: ${problem}`)
    this.problem = problem
  }
}
