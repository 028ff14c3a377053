// status-go's SegmentMessage (its protocol/common/message_segmentation.go), field by field.
import { WireType } from '@bufbuild/protobuf/wire'
import { InvalidMessageBytesError } from '../errors.ts'
import { readFields } from '../wire-messages.ts'
import { InvalidSegmentError } from './errors.ts'

const hashBytes = 32
/** status-go makes no more of a message, those for repair among them. */
const maxSegments = 256

/** One of the parts in which a message travels that is too large for one Waku message. */
export interface Segment {
  /** keccak256 of the whole message. A view. */
  readonly messageHash: Uint8Array
  /** From 0. */
  readonly index: number
  /** How many carry the message. 0 for one that is for repair: it repeats what others carry, and is not needed. */
  readonly count: number
  /** A view. */
  readonly payload: Uint8Array
}

/**
 * Reads the inside of a Waku payload where it is a segment. Its fields tell it from all other messages: no other has 32 bytes in
 * the first field and a number in the third or the sixth.
 * @returns `undefined` where it is another message, or none at all
 * @throws InvalidSegmentError
 */
export function readSegment(bytes: Uint8Array): Segment | undefined {
  const fields = readSegmentFields(bytes)
  if (fields?.messageHash?.length !== hashBytes) return undefined
  const { messageHash, index, count, payload, parityIndex, parityCount } = fields
  if (count === 0 && parityCount === 0) return undefined
  const isRepair = count === 0
  if (isRepair ? parityIndex >= parityCount : count < 2 || index >= count) throw new InvalidSegmentError('count')
  if (count > maxSegments || parityCount > maxSegments) throw new InvalidSegmentError('count')
  if (payload.length === 0) throw new InvalidSegmentError('empty')
  return { messageHash, index: isRepair ? parityIndex : index, count, payload }
}

interface SegmentFields {
  messageHash: Uint8Array | undefined
  index: number
  count: number
  payload: Uint8Array
  parityIndex: number
  parityCount: number
}

/** `undefined` where a field is none of a segment's. */
function readSegmentFields(bytes: Uint8Array): SegmentFields | undefined {
  const fields: SegmentFields = {
    messageHash: undefined,
    index: 0,
    count: 0,
    payload: new Uint8Array(0),
    parityIndex: 0,
    parityCount: 0,
  }
  let isOther = false
  try {
    readFields('SegmentMessage', bytes, (reader, field, wireType) => {
      if (field === 1 && wireType === WireType.LengthDelimited) fields.messageHash = reader.bytes()
      else if (field === 2 && wireType === WireType.Varint) fields.index = reader.uint32()
      else if (field === 3 && wireType === WireType.Varint) fields.count = reader.uint32()
      else if (field === 4 && wireType === WireType.LengthDelimited) fields.payload = reader.bytes()
      else if (field === 5 && wireType === WireType.Varint) fields.parityIndex = reader.uint32()
      else if (field === 6 && wireType === WireType.Varint) fields.parityCount = reader.uint32()
      else {
        isOther = true
        return false
      }
      return true
    })
  } catch (error) {
    if (error instanceof InvalidMessageBytesError) return undefined
    throw error
  }
  return isOther ? undefined : fields
}
