import type { ObjectId } from 'mongodb'

/**
 * A document of the state. Its value is JSON text, as in the embedded set: BSON would refuse or change keys such as
 * `_bsontype` and `$id`, lone surrogates and minus zero.
 */
export interface StateDocument {
  readonly _id: string
  readonly version: number
  /** Tells one write from another, so that a write whose answer was lost is known again. */
  readonly write: ObjectId
  readonly value: string
  readonly dueAt?: number
  /** As `dueAt`, while nobody holds the document. With `heldUntil` it says when the document can be claimed. */
  readonly readyAt?: number
  /** While somebody holds it: when the lease ends, or when it is due if that is later. */
  readonly heldUntil?: number
  readonly owner?: string
  /** Which call claimed it. */
  readonly claim?: ObjectId
}

/**
 * What is at or before a moment. The lower bound is for servers that use an index over some documents only when the
 * filter has both.
 */
export function upTo(moment: number): { readonly $gte: number; readonly $lte: number } {
  return { $gte: -Infinity, $lte: moment }
}
