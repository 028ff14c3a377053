// ProtocolMessage with a message for a group in it, field by field (formats §4); the tests hold it against the
// generated code of proto/status.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { InvalidMessageBytesError } from '../errors.ts'
import { readFields } from '../wire-messages.ts'

/** The key under which a map by installation id holds what is for everybody who has the group's key. */
const forAnyInstallation = 'none'
const encryptedMessageField = 101
const lengthDelimited: number = WireType.LengthDelimited

/** HRHeader without its keys. */
export interface RatchetHeader {
  readonly deprecatedKeyId: number
  readonly seqNo: number
  readonly groupId: Uint8Array
  /** Empty in messages of older clients. */
  readonly keyId: Uint8Array
}

export interface EncryptedMessage {
  readonly installationId: string
  /** `undefined` where it is not for a group. */
  readonly header: RatchetHeader | undefined
  /** Ciphertext ‖ tag ‖ nonce. */
  readonly payload: Uint8Array
}

/** Encodes around the ciphertext, which is copied once. */
export function encodeEncryptedMessage(
  message: { readonly installationId: string; readonly header: RatchetHeader },
  payload: readonly Uint8Array[],
): Uint8Array {
  const payloadBytes = payload.reduce((sum, part) => sum + part.length, 0)
  const tail = new BinaryWriter().tag(102, WireType.LengthDelimited).bytes(encodeHeader(message.header)).finish()
  const payloadHead = new BinaryWriter().tag(3, WireType.LengthDelimited).uint32(payloadBytes).finish()
  const protocolBytes = payloadHead.length + payloadBytes + tail.length
  const entryHead = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(forAnyInstallation)
    .tag(2, WireType.LengthDelimited)
    .uint32(protocolBytes)
    .raw(payloadHead)
    .finish()
  const entryBytes = entryHead.length - payloadHead.length + protocolBytes
  const head = new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .string(message.installationId)
    .tag(encryptedMessageField, WireType.LengthDelimited)
    .uint32(entryBytes)
    .raw(entryHead)
    .finish()
  return concat([head, ...payload, tail])
}

/**
 * What is for a group, `undefined` where nothing is encrypted. Byte strings are views.
 * @throws InvalidMessageBytesError
 */
export function decodeEncryptedMessage(bytes: Uint8Array): EncryptedMessage | undefined {
  let installationId = ''
  let found: Omit<EncryptedMessage, 'installationId'> | undefined
  let encrypted = false
  readFields('ProtocolMessage', bytes, (reader, field, wireType) => {
    if (field === 2 && wireType === WireType.LengthDelimited) installationId = reader.string(true)
    else if (field === encryptedMessageField && wireType === WireType.LengthDelimited) {
      encrypted = true
      const entry = decodeEntry(reader.bytes())
      if (entry.key === forAnyInstallation) found = decodeEncryptedProtocol(entry.value)
    } else return false
    return true
  })
  if (!encrypted) return undefined
  return { installationId, header: found?.header, payload: found?.payload ?? new Uint8Array(0) }
}

/**
 * Whether bytes are an encrypted archive, index or message: an encrypted message stands in them (field 101). Whether
 * they parse as something else says nothing, since some installation ids are valid protobuf too (formats §4). Reads
 * no more than the fields' heads.
 */
export function isEncrypted(bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes)
  try {
    while (reader.pos < reader.len) {
      const first = bytes[reader.pos] as number
      // A byte string of a low field, as each message of a plain archive is: gone past without making an object of it.
      if (first >= 8 && first < 0x80 && (first & 7) === lengthDelimited) {
        reader.pos += 1
        const length = reader.uint32()
        reader.pos += length
        continue
      }
      const [field, wireType] = reader.tag()
      if (field === encryptedMessageField && wireType === WireType.LengthDelimited) return true
      reader.skip(wireType, field)
    }
  } catch {
    // Whoever reads the bytes as what they should be will find what is wrong with them.
  }
  return false
}

function encodeHeader({ deprecatedKeyId, seqNo, groupId, keyId }: RatchetHeader): Uint8Array {
  const writer = new BinaryWriter()
  if (deprecatedKeyId !== 0) writer.tag(1, WireType.Varint).uint32(deprecatedKeyId)
  if (seqNo !== 0) writer.tag(2, WireType.Varint).uint32(seqNo)
  if (groupId.length > 0) writer.tag(3, WireType.LengthDelimited).bytes(groupId)
  if (keyId.length > 0) writer.tag(4, WireType.LengthDelimited).bytes(keyId)
  return writer.finish()
}

function decodeEntry(bytes: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  let key = ''
  let value: Uint8Array = new Uint8Array(0)
  readFields('ProtocolMessage.encrypted_message', bytes, (reader, field, wireType) => {
    if (field === 1 && wireType === WireType.LengthDelimited) key = reader.string(true)
    else if (field === 2 && wireType === WireType.LengthDelimited) value = reader.bytes()
    else return false
    return true
  })
  return { key, value }
}

function decodeEncryptedProtocol(bytes: Uint8Array): Omit<EncryptedMessage, 'installationId'> {
  let header: RatchetHeader | undefined
  let payload: Uint8Array = new Uint8Array(0)
  readFields('EncryptedMessageProtocol', bytes, (reader, field, wireType) => {
    if (field === 3 && wireType === WireType.LengthDelimited) payload = reader.bytes()
    else if (field === 102 && wireType === WireType.LengthDelimited) header = decodeHeader(reader.bytes())
    else return false
    return true
  })
  return { header, payload }
}

function decodeHeader(bytes: Uint8Array): RatchetHeader {
  let deprecatedKeyId = 0
  let seqNo = 0
  let groupId: Uint8Array = new Uint8Array(0)
  let keyId: Uint8Array = new Uint8Array(0)
  readFields('HRHeader', bytes, (reader, field, wireType) => {
    if (field === 1 && wireType === WireType.Varint) deprecatedKeyId = reader.uint32()
    else if (field === 2 && wireType === WireType.Varint) seqNo = reader.uint32()
    else if (field === 3 && wireType === WireType.LengthDelimited) groupId = reader.bytes()
    else if (field === 4 && wireType === WireType.LengthDelimited) keyId = reader.bytes()
    else return false
    return true
  })
  if (keyId.length !== 0 && keyId.length !== 32)
    throw new InvalidMessageBytesError('HRHeader', `its key id has ${keyId.length} bytes instead of 32`)
  if (keyId.length === 0 && groupId.length === 0)
    throw new InvalidMessageBytesError('HRHeader', 'it names no key and no group')
  return { deprecatedKeyId, seqNo, groupId, keyId }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let position = 0
  for (const part of parts) {
    bytes.set(part, position)
    position += part.length
  }
  return bytes
}
