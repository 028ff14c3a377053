import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { InvalidMessageBytesError } from '../errors.ts'
import { readFields } from '../wire-messages.ts'
import { GroupKey } from './group-key.ts'

/** An encoded HRKeys: a group's keys as one member hands them to another (formats §8). Secret. */
export function encodeGroupKeys(keys: readonly GroupKey[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const key of keys) {
    const one = new BinaryWriter()
    if (key.deprecatedKeyId !== 0) one.tag(1, WireType.Varint).uint32(key.deprecatedKeyId)
    one.tag(2, WireType.LengthDelimited).bytes(key.secret()).tag(3, WireType.Varint).uint64(key.timestampMilliseconds)
    writer.tag(1, WireType.LengthDelimited).bytes(one.finish())
  }
  return writer.finish()
}

/**
 * Reads an HRKeys, which does not say whose keys they are. A key of an older client has no timestamp; its deprecated id
 * stands in for it, as in status-go.
 * @throws InvalidMessageBytesError, InvalidGroupKeyError
 */
export function decodeGroupKeys(bytes: Uint8Array, groupId: Uint8Array): GroupKey[] {
  const encoded: Uint8Array[] = []
  readFields('HRKeys', bytes, (reader, field, wireType) => {
    if (field !== 1 || wireType !== WireType.LengthDelimited) return false
    encoded.push(reader.bytes())
    return true
  })
  return encoded.map((one) => decodeGroupKey(one, groupId))
}

function decodeGroupKey(bytes: Uint8Array, groupId: Uint8Array): GroupKey {
  let deprecatedKeyId = 0
  let key: Uint8Array = new Uint8Array(0)
  let timestamp = 0
  readFields('HRKey', bytes, (reader, field, wireType) => {
    if (field === 1 && wireType === WireType.Varint) deprecatedKeyId = reader.uint32()
    else if (field === 2 && wireType === WireType.LengthDelimited) key = reader.bytes()
    else if (field === 3 && wireType === WireType.Varint) timestamp = Number(reader.uint64())
    else return false
    return true
  })
  if (timestamp > Number.MAX_SAFE_INTEGER) throw new InvalidMessageBytesError('HRKey', 'its time is above 2^53 - 1')
  return new GroupKey({ groupId, key, timestampMilliseconds: timestamp === 0 ? deprecatedKeyId : timestamp })
}
