// The few wire messages of Status that are signed, read and written field by field: the generated code of
// proto/status would need Node's Buffer, and this library runs in a browser too. The tests hold it against that code.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { InvalidClockError, InvalidMessageBytesError } from './errors.ts'

export interface ApplicationMetadata {
  readonly signature: Uint8Array
  readonly payload: Uint8Array
  readonly type: number
}

export function encodeApplicationMetadata({ signature, payload, type }: ApplicationMetadata): Uint8Array {
  const writer = new BinaryWriter()
  if (signature.length > 0) writer.tag(1, WireType.LengthDelimited).bytes(signature)
  if (payload.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(payload)
  if (type !== 0) writer.tag(3, WireType.Varint).int32(type)
  return writer.finish()
}

/** The byte strings are views. @throws InvalidMessageBytesError */
export function decodeApplicationMetadata(bytes: Uint8Array): ApplicationMetadata {
  let signature: Uint8Array = new Uint8Array(0)
  let payload: Uint8Array = new Uint8Array(0)
  let type = 0
  readFields('ApplicationMetadataMessage', bytes, (reader, field, wireType) => {
    if (field === 1 && wireType === WireType.LengthDelimited) signature = reader.bytes()
    else if (field === 2 && wireType === WireType.LengthDelimited) payload = reader.bytes()
    else if (field === 3 && wireType === WireType.Varint) type = reader.int32()
    else return false
    return true
  })
  return { signature, payload, type }
}

/**
 * What of a ProtocolMessage matters here; a bare ApplicationMetadataMessage, which has other fields, has neither.
 * @throws InvalidMessageBytesError
 */
export function decodeProtocolMessage(bytes: Uint8Array): {
  readonly publicMessage: Uint8Array | undefined
  readonly encrypted: boolean
} {
  let publicMessage: Uint8Array | undefined
  let encrypted = false
  readFields('ProtocolMessage', bytes, (reader, field, wireType) => {
    if (field === 102 && wireType === WireType.LengthDelimited) {
      const content = reader.bytes()
      publicMessage = content.length === 0 ? undefined : content
      return true
    }
    encrypted ||= field === 101 && wireType === WireType.LengthDelimited
    return false
  })
  return { publicMessage, encrypted }
}

export interface MagnetPayload {
  readonly clockMilliseconds: number
  readonly magnetLink: string
}

/** @throws InvalidClockError */
export function encodeMagnetPayload({ clockMilliseconds, magnetLink }: MagnetPayload): Uint8Array {
  if (!Number.isSafeInteger(clockMilliseconds) || clockMilliseconds < 0) throw new InvalidClockError(clockMilliseconds)
  const writer = new BinaryWriter()
  if (clockMilliseconds !== 0) writer.tag(1, WireType.Varint).uint64(clockMilliseconds)
  if (magnetLink !== '') writer.tag(2, WireType.LengthDelimited).string(magnetLink)
  return writer.finish()
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws InvalidMessageBytesError, also for a clock above 2^53 - 1 */
export function decodeMagnetPayload(bytes: Uint8Array): MagnetPayload {
  let clock = 0
  let magnetLink = ''
  readFields('CommunityMessageArchiveMagnetlink', bytes, (reader, field, wireType) => {
    if (field === 1 && wireType === WireType.Varint) clock = Number(reader.uint64())
    else if (field === 2 && wireType === WireType.LengthDelimited) magnetLink = utf8.decode(reader.bytes())
    else return false
    return true
  })
  if (!Number.isSafeInteger(clock))
    throw new InvalidMessageBytesError('CommunityMessageArchiveMagnetlink', 'its clock is above 2^53 - 1')
  return { clockMilliseconds: clock, magnetLink }
}

/** The clock of any message that has it in field 1. @throws InvalidMessageBytesError, also for one above 2^53 - 1 */
export function readClock(what: string, bytes: Uint8Array): number {
  let clock = 0
  readFields(what, bytes, (reader, field, wireType) => {
    if (field !== 1 || wireType !== WireType.Varint) return false
    clock = Number(reader.uint64())
    return true
  })
  if (!Number.isSafeInteger(clock)) throw new InvalidMessageBytesError(what, 'its clock is above 2^53 - 1')
  return clock
}

/** Goes through a message's fields; those that `take` does not take are skipped. @throws InvalidMessageBytesError */
export function readFields(
  what: string,
  bytes: Uint8Array,
  take: (reader: BinaryReader, field: number, wireType: WireType) => boolean,
): void {
  try {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag()
      if (!take(reader, field, wireType)) reader.skip(wireType, field)
    }
  } catch (cause) {
    throw new InvalidMessageBytesError(what, 'its bytes are no valid protobuf', { cause })
  }
}
