// CommunityDescription and what is in it, field by field (formats §8); the tests hold it against the generated code of
// proto/status.
import { BinaryWriter, WireType, type BinaryReader } from '@bufbuild/protobuf/wire'
import { InvalidClockError, InvalidMessageBytesError } from '../errors.ts'
import { readFields } from '../wire-messages.ts'

const what = 'CommunityDescription'

/** BECOME_MEMBER of `CommunityTokenPermission.Type`. */
const becomeMember = 2

/** AUTO_ACCEPT of `CommunityPermissions.Access`: who can see a channel can read it. */
export const autoAccept = 1

export interface CommunityChannel {
  /** A UUID; with the community's id before it, it is the chat's id. */
  readonly channelId: string
  readonly name: string
}

/** The fields of a description that matter here. */
export interface DescriptionFields {
  readonly clock: number
  /** `CommunityPermissions.Access`; 0 in a private part only. */
  readonly access: number
  readonly name: string
  readonly channels: readonly CommunityChannel[]
  readonly archiveMagnetLinkClockMilliseconds: number
  /** Whether members are let in by a token, and the community is encrypted therefore. */
  readonly becomeMemberPermission: boolean
  /** The community's id as text; empty in older descriptions. */
  readonly id: string
  /** What is encrypted, by what names its key. Views. */
  readonly privateData: ReadonlyMap<string, Uint8Array>
}

/** @throws InvalidClockError */
export function encodeDescriptionFields(fields: DescriptionFields): Uint8Array {
  const { clock, archiveMagnetLinkClockMilliseconds: magnetClock } = fields
  for (const each of [clock, magnetClock])
    if (!Number.isSafeInteger(each) || each < 0) throw new InvalidClockError(each)
  const writer = new BinaryWriter()
  if (clock !== 0) writer.tag(1, WireType.Varint).uint64(clock)
  if (fields.access !== 0) writer.tag(3, WireType.LengthDelimited).bytes(encodePermissions(fields.access))
  if (fields.name !== '') writer.tag(5, WireType.LengthDelimited).bytes(encodeIdentity(fields.name))
  for (const { channelId, name } of fields.channels) writeEntry(writer, 6, channelId, encodeChannel(name))
  if (magnetClock !== 0) writer.tag(9, WireType.Varint).uint64(magnetClock)
  if (fields.becomeMemberPermission) writeEntry(writer, 15, 'become-member', encodeMemberPermission('become-member'))
  if (fields.id !== '') writer.tag(18, WireType.LengthDelimited).string(fields.id)
  for (const [key, value] of fields.privateData) writeEntry(writer, 100, key, value)
  return writer.finish()
}

/** A description that says nothing but up to which announcement there are archives. @throws InvalidClockError */
export function encodeMagnetLinkClock(archiveMagnetLinkClockMilliseconds: number): Uint8Array {
  return encodeDescriptionFields({
    clock: 0,
    access: 0,
    name: '',
    channels: [],
    archiveMagnetLinkClockMilliseconds,
    becomeMemberPermission: false,
    id: '',
    privateData: new Map(),
  })
}

/** @throws InvalidMessageBytesError */
export function decodeDescriptionFields(bytes: Uint8Array): DescriptionFields {
  let clock = 0
  let access = 0
  let name = ''
  const channels = new Map<string, CommunityChannel>()
  let magnetClock = 0
  let becomeMemberPermission = false
  let id = ''
  const privateData = new Map<string, Uint8Array>()
  readFields(what, bytes, (reader, field, wireType) => {
    if (wireType === WireType.Varint) {
      if (field === 1) clock = Number(reader.uint64())
      else if (field === 9) magnetClock = Number(reader.uint64())
      else return false
      return true
    }
    if (wireType !== WireType.LengthDelimited) return false
    if (field === 3) access = readVarint('CommunityPermissions', reader.bytes(), 3)
    else if (field === 5) name = readText('ChatIdentity', reader.bytes(), 4)
    else if (field === 6) {
      const { key, value } = readEntry(reader)
      channels.set(key, { channelId: key, name: decodeChannelName(value) })
    } else if (field === 15) {
      const type = readVarint('CommunityTokenPermission', readEntry(reader).value, 2)
      becomeMemberPermission ||= type === becomeMember
    } else if (field === 18) id = reader.string(true)
    else if (field === 100) {
      const { key, value } = readEntry(reader)
      privateData.set(key, value)
    } else return false
    return true
  })
  for (const each of [clock, magnetClock])
    if (!Number.isSafeInteger(each)) throw new InvalidMessageBytesError(what, 'a clock of it is above 2^53 - 1')
  return {
    clock,
    access,
    name,
    channels: [...channels.values()],
    archiveMagnetLinkClockMilliseconds: magnetClock,
    becomeMemberPermission,
    id,
    privateData,
  }
}

function encodePermissions(access: number): Uint8Array {
  return new BinaryWriter().tag(3, WireType.Varint).int32(access).finish()
}

function encodeIdentity(displayName: string): Uint8Array {
  return new BinaryWriter().tag(4, WireType.LengthDelimited).string(displayName).finish()
}

/** status-go refuses a description with a chat that lacks permissions or an identity. */
function encodeChannel(name: string): Uint8Array {
  return new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .bytes(encodePermissions(autoAccept))
    .tag(3, WireType.LengthDelimited)
    .bytes(encodeIdentity(name))
    .finish()
}

function encodeMemberPermission(id: string): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(id)
    .tag(2, WireType.Varint)
    .int32(becomeMember)
    .finish()
}

function decodeChannelName(bytes: Uint8Array): string {
  let name = ''
  readFields('CommunityChat', bytes, (reader, field, wireType) => {
    if (field !== 3 || wireType !== WireType.LengthDelimited) return false
    name = readText('ChatIdentity', reader.bytes(), 4)
    return true
  })
  return name
}

function writeEntry(writer: BinaryWriter, field: number, key: string, value: Uint8Array): void {
  const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string(key)
  writer.tag(field, WireType.LengthDelimited).bytes(entry.tag(2, WireType.LengthDelimited).bytes(value).finish())
}

function readEntry(reader: BinaryReader): { readonly key: string; readonly value: Uint8Array } {
  let key = ''
  let value: Uint8Array = new Uint8Array(0)
  readFields(`${what}'s map entry`, reader.bytes(), (reader, field, wireType) => {
    if (field === 1 && wireType === WireType.LengthDelimited) key = reader.string(true)
    else if (field === 2 && wireType === WireType.LengthDelimited) value = reader.bytes()
    else return false
    return true
  })
  return { key, value }
}

function readVarint(what: string, bytes: Uint8Array, wanted: number): number {
  let found = 0
  readFields(what, bytes, (reader, field, wireType) => {
    if (field !== wanted || wireType !== WireType.Varint) return false
    found = reader.int32()
    return true
  })
  return found
}

function readText(what: string, bytes: Uint8Array, wanted: number): string {
  let found = ''
  readFields(what, bytes, (reader, field, wireType) => {
    if (field !== wanted || wireType !== WireType.LengthDelimited) return false
    found = reader.string(true)
    return true
  })
  return found
}
