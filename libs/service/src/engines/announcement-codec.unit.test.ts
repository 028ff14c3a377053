import { SegmentAssembler, SymmetricKeys, keccak256, encryptWakuPayload, sign } from '@annals/crypto'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { expect, it } from 'vitest'
import { announcementCodec } from './announcement-codec.ts'

const privateKey = new Uint8Array(32).fill(9)
const keys = new SymmetricKeys()
const codec = announcementCodec(keys, new SegmentAssembler(), privateKey)
/** As an ApplicationMetadataMessage begins. */
const announcement = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(new Uint8Array(65)).finish()

async function sent(data: Uint8Array): Promise<Uint8Array> {
  return encryptWakuPayload({ data, symmetricKey: await keys.of('chat'), sign: (hash) => sign(privateKey, hash) })
}

it('announcement codec › reads what it wrote, in other bytes each time, and for this chat alone', async () => {
  const [one, other] = [await codec.encrypt('chat', announcement), await codec.encrypt('chat', announcement)]
  expect(one).not.toEqual(other)
  expect(await codec.decrypt('chat', one)).toEqual(announcement)
  expect(await codec.decrypt('another chat', one)).toBeUndefined()
})

it('announcement codec › takes a bare announcement as well', async () => {
  expect(await codec.decrypt('chat', await sent(announcement))).toEqual(announcement)
})

it('announcement codec › passes over what is encrypted for a group, and what is damaged', async () => {
  const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string('none').finish()
  const encrypted = new BinaryWriter().tag(101, WireType.LengthDelimited).bytes(entry).finish()
  expect(await codec.decrypt('chat', await sent(encrypted))).toBeUndefined()
  const damaged = new Uint8Array(await sent(announcement))
  damaged.fill(0, 0, 4)
  expect(await codec.decrypt('chat', damaged)).toBeUndefined()
  expect(await codec.decrypt('chat', new Uint8Array(3))).toBeUndefined()
})

it('announcement codec › puts together what came in segments, and passes over one that is none', async () => {
  const whole = new BinaryWriter().tag(102, WireType.LengthDelimited).bytes(announcement).finish()
  const segment = (index: number): Uint8Array =>
    new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .bytes(keccak256(whole))
      .tag(2, WireType.Varint)
      .uint32(index)
      .tag(3, WireType.Varint)
      .uint32(2)
      .tag(4, WireType.LengthDelimited)
      .bytes(whole.slice(40 * index, index === 0 ? 40 : undefined))
      .finish()
  expect(await codec.decrypt('chat', await sent(segment(1)))).toBeUndefined()
  expect(await codec.decrypt('chat', await sent(segment(2)))).toBeUndefined()
  expect(await codec.decrypt('chat', await sent(segment(0)))).toEqual(announcement)
})
