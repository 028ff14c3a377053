import { ApplicationMetadataMessage } from '@annals/proto/status/v1/application'
import { CommunityDescription, CommunityRequestToJoinResponse } from '@annals/proto/status/v1/community'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  communityIdOfPrivateKey,
  decodeJoinResponse,
  encodeCommunityDescription,
  encodeJoinResponse,
  encodeMagnetMessage,
  ForeignSignerError,
  fromHex,
  GroupKey,
  InvalidClockError,
  InvalidMessageBytesError,
  maxSeqNoAhead,
  privateKeyFromRandom,
  RatchetCache,
  readCommunityDescription,
  sign,
  UndecryptableError,
  UnexpectedMessageTypeError,
  unwrapApplicationMessage,
  wrapApplicationMessage,
  wrapPublicMessage,
  type DecryptForGroupOptions,
  type EncodeDescriptionOptions,
} from '../index.ts'
import { sealForGroup } from '../ratchet/encrypt-for-group.ts'

const privateKey = privateKeyFromRandom(new Uint8Array(48).fill(4))
const communityId = communityIdOfPrivateKey(privateKey)
const signHash = (hash: Uint8Array): Uint8Array => sign(privateKey, hash)
const withEthereumV = async (hash: Uint8Array): Promise<Uint8Array> => {
  const signature = signHash(hash)
  signature[64]! += 27
  return signature
}
const otherKey = privateKeyFromRandom(new Uint8Array(48).fill(5))
const channels = [
  { channelId: '3f1c2a50-0b0e-4d0c-9a55-6d5a0a6f0001', name: 'general' },
  { channelId: '3f1c2a50-0b0e-4d0c-9a55-6d5a0a6f0002', name: 'ünïcödé' },
]
const plain: EncodeDescriptionOptions = {
  communityId,
  clock: 7,
  name: 'A community',
  channels,
  archiveMagnetLinkClockMilliseconds: 1_704_067_200_789,
  encryption: undefined,
  sign: signHash,
}
const key = new GroupKey({
  groupId: fromHex(communityId),
  key: new Uint8Array(32).fill(6),
  timestampMilliseconds: 1_704_067_200_123,
})
const ratchet = new RatchetCache()
const withKey: DecryptForGroupOptions = { lookUpKey: () => ({ key, reachedSeqNo: 0 }), ratchet }
const withoutKey: DecryptForGroupOptions = { lookUpKey: () => undefined, ratchet }

const reading = (bytes: Uint8Array): Promise<unknown> => readCommunityDescription(bytes, withKey)

function answerAbout(communityId: Uint8Array): Uint8Array {
  const fields = { accepted: true, communityId: Buffer.from(communityId), magnetUri: '' }
  return CommunityRequestToJoinResponse.encode(CommunityRequestToJoinResponse.fromPartial(fields)).finish()
}

/** Another writer's description: made by the generated code. */
function describeElsewhere(
  fields: Parameters<typeof CommunityDescription.fromPartial>[0],
  by: Uint8Array = privateKey,
): Uint8Array {
  const whole = { clock: 1, permissions: { access: 1 as const }, ...fields }
  const payload = CommunityDescription.encode(CommunityDescription.fromPartial(whole)).finish()
  return wrapApplicationMessage({ privateKey: by, type: 25, payload })
}

describe("a community's description", () => {
  it('comes back as it was written, bare and in a ProtocolMessage', async () => {
    const bytes = await encodeCommunityDescription(plain)
    for (const each of [bytes, wrapPublicMessage(bytes)])
      expect(await readCommunityDescription(each, withoutKey)).toEqual({
        communityId,
        clock: 7,
        name: 'A community',
        channels,
        archiveMagnetLinkClockMilliseconds: 1_704_067_200_789,
        encrypted: false,
        missingKeys: [],
        refusedParts: [],
      })
  })

  it('is what the generated code reads, with all that status-go insists on', async () => {
    const { payload } = ApplicationMetadataMessage.decode(await encodeCommunityDescription(plain))
    expect(CommunityDescription.decode(payload)).toEqual({
      clock: 7,
      permissions: { access: 1 },
      identity: { displayName: 'A community' },
      chats: Object.fromEntries(
        channels.map(({ channelId, name }) => [
          channelId,
          { permissions: { access: 1 }, identity: { displayName: name } },
        ]),
      ),
      archiveMagnetlinkClock: 1_704_067_200_789,
      tokenPermissions: {},
      id: communityId,
      privateData: {},
    })
  })

  it('of any content that the generated code writes is read', async () => {
    const content = fc.record({
      clock: fc.maxSafeNat(),
      name: fc.string({ unit: 'grapheme' }),
      chats: fc.dictionary(fc.uuid(), fc.string({ unit: 'grapheme' }), { maxKeys: 5 }),
      magnetClock: fc.maxSafeNat(),
      permissionTypes: fc.array(fc.constantFrom(0 as const, 2 as const), { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(content, async ({ clock, name, chats, magnetClock, permissionTypes }) => {
        const bytes = describeElsewhere({
          clock,
          identity: { displayName: name },
          chats: Object.fromEntries(
            Object.entries(chats).map(([id, displayName]) => [id, { identity: { displayName } }]),
          ),
          archiveMagnetlinkClock: magnetClock,
          tokenPermissions: Object.fromEntries(permissionTypes.map((type, i) => [`${i}`, { id: `${i}`, type }])),
        })
        const read = await readCommunityDescription(bytes, withoutKey)
        expect(read).toMatchObject({ clock, name, archiveMagnetLinkClockMilliseconds: magnetClock })
        expect(read.encrypted).toBe(permissionTypes.includes(2))
        expect(Object.fromEntries(read.channels.map(({ channelId, name }) => [channelId, name]))).toEqual({ ...chats })
      }),
      { numRuns: 50 },
    )
  })

  it('of an encrypted community hides its channels from who lacks the key, and says which key that is', async () => {
    const bytes = await encodeCommunityDescription({ ...plain, encryption: { key, seqNo: 12, ratchet } })
    const { payload } = ApplicationMetadataMessage.decode(bytes)
    const outside = CommunityDescription.decode(payload)
    expect(outside.chats).toEqual({})
    expect(Object.keys(outside.privateData)).toEqual([`${key.keyIdText()}12`])
    expect(Object.values(outside.tokenPermissions).map(({ type }) => type)).toEqual([2])

    expect(await readCommunityDescription(bytes, withKey)).toMatchObject({
      channels,
      encrypted: true,
      missingKeys: [],
      refusedParts: [],
    })
    expect(await readCommunityDescription(bytes, withoutKey)).toMatchObject({
      name: 'A community',
      channels: [],
      encrypted: true,
      missingKeys: [{ by: 'key-id', keyId: key.keyId, groupId: undefined }],
    })
  })

  it('may have several private parts, of which a bad one takes nothing from the others', async () => {
    const part = async (id: string, seqNo: number): Promise<Buffer> => {
      const inside = CommunityDescription.fromPartial({ chats: { [id]: { identity: { displayName: id } } } })
      return Buffer.from(await sealForGroup(CommunityDescription.encode(inside).finish(), { key, seqNo, ratchet }))
    }
    const name = (seqNo: number | string): string => `${key.keyIdText()}${seqNo}`
    const privateData = {
      [name(3)]: await part('b', 3),
      [name(4)]: await part('a', 4),
      [name(5)]: await part('under another step', 6),
      [name(maxSeqNoAhead * 2)]: await part('far ahead', 7),
      [name(8)]: Buffer.from(await sealForGroup(Uint8Array.of(255), { key, seqNo: 8, ratchet })),
      [name('')]: Buffer.alloc(1),
      [name(99_999_999_999)]: Buffer.alloc(1),
      'no key id': Buffer.alloc(1),
    }
    const bytes = describeElsewhere({ chats: { c: { identity: { displayName: 'c' } } }, privateData })
    const read = await readCommunityDescription(bytes, withKey)
    expect(read.channels.map(({ channelId }) => channelId)).toEqual(['a', 'b', 'c'])
    expect(read.refusedParts.map(({ name }) => name).sort()).toEqual([
      ...Array<string>(4).fill('InvalidMessageBytesError'),
      'SequenceNumberTooHighError',
      'UndecryptableError',
    ])
    expect(read.refusedParts.some((error) => error instanceof UndecryptableError)).toBe(true)
  })

  it('that speaks of another community than its signer is refused', async () => {
    const forged = describeElsewhere({ id: communityId }, otherKey)
    await expect(readCommunityDescription(forged, withKey)).rejects.toThrow(ForeignSignerError)
    const { communityId: signer } = await readCommunityDescription(describeElsewhere({}, otherKey), withKey)
    expect(signer).toBe(communityIdOfPrivateKey(otherKey))
    const signWithAnother = (hash: Uint8Array): Uint8Array => sign(otherKey, hash)
    await expect(encodeCommunityDescription({ ...plain, sign: signWithAnother })).rejects.toThrow(ForeignSignerError)
  })

  it('without access, with a clock above 2^53 - 1, or of another type is refused', async () => {
    await expect(reading(describeElsewhere({ permissions: {} }))).rejects.toThrow(InvalidMessageBytesError)
    const late = Uint8Array.of(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 26, 2, 24, 1)
    await expect(reading(wrapApplicationMessage({ privateKey, type: 25, payload: late }))).rejects.toThrow(
      InvalidMessageBytesError,
    )
    await expect(reading(wrapApplicationMessage({ privateKey, type: 43, payload: late }))).rejects.toThrow(
      UnexpectedMessageTypeError,
    )
    await expect(encodeCommunityDescription({ ...plain, clock: -1 })).rejects.toThrow(InvalidClockError)
  })

  it('is signed with V 0 or 1, also by a signer elsewhere that says 27 or 28', async () => {
    const bytes = await encodeCommunityDescription({ ...plain, sign: withEthereumV })
    expect(bytes).toEqual(await encodeCommunityDescription(plain))
  })
})

describe('an answer to who asked to join', () => {
  const response = {
    communityId,
    accepted: true,
    magnetLink: 'magnet:?xt=urn:btih:00',
    archiveMagnetLinkClockMilliseconds: 1_704_067_200_789,
  }

  it('comes back as it was written, and is what the generated code reads', async () => {
    for (const each of [
      response,
      { communityId, accepted: false, magnetLink: undefined, archiveMagnetLinkClockMilliseconds: 0 },
    ]) {
      const bytes = await encodeJoinResponse({ ...each, sign: signHash })
      expect(decodeJoinResponse(bytes)).toEqual(each)
      expect(decodeJoinResponse(wrapPublicMessage(bytes))).toEqual(each)
      const { type, payload } = unwrapApplicationMessage(bytes)
      expect(type).toBe(48)
      const { community, ...fields } = CommunityRequestToJoinResponse.decode(payload)
      expect(fields).toEqual({
        accepted: each.accepted,
        communityId: Buffer.from(fromHex(communityId)),
        magnetUri: each.magnetLink ?? '',
        communityDescriptionProtocolMessage: Buffer.alloc(0),
      })
      expect(community?.archiveMagnetlinkClock ?? 0).toBe(each.archiveMagnetLinkClockMilliseconds)
    }
  })

  it('has its clock from the signed description in it, as newer nodes answer', async () => {
    const answer = (description: Uint8Array): Uint8Array => {
      const fields = {
        accepted: true,
        communityId: Buffer.from(fromHex(communityId)),
        magnetUri: response.magnetLink,
        communityDescriptionProtocolMessage: Buffer.from(description),
      }
      const payload = CommunityRequestToJoinResponse.encode(CommunityRequestToJoinResponse.fromPartial(fields)).finish()
      return wrapApplicationMessage({ privateKey, type: 48, payload })
    }
    const description = await encodeCommunityDescription(plain)
    for (const each of [description, wrapPublicMessage(description)])
      expect(decodeJoinResponse(answer(each))).toEqual(response)
    const foreign = describeElsewhere({ archiveMagnetlinkClock: 2 ** 40 }, otherKey)
    expect(() => decodeJoinResponse(answer(foreign))).toThrow(ForeignSignerError)
    const magnet = encodeMagnetMessage({ privateKey, clockMilliseconds: 1, magnetLink: response.magnetLink })
    expect(() => decodeJoinResponse(answer(magnet))).toThrow(UnexpectedMessageTypeError)
  })

  it('that the community did not sign, or that names none, is refused', async () => {
    const forged = wrapApplicationMessage({
      privateKey: otherKey,
      type: 48,
      payload: answerAbout(fromHex(communityId)),
    })
    expect(() => decodeJoinResponse(forged)).toThrow(ForeignSignerError)
    const nameless = wrapApplicationMessage({ privateKey, type: 48, payload: answerAbout(new Uint8Array(32)) })
    expect(() => decodeJoinResponse(nameless)).toThrow(InvalidMessageBytesError)
    const other = wrapApplicationMessage({ privateKey, type: 25, payload: new Uint8Array(0) })
    expect(() => decodeJoinResponse(other)).toThrow(UnexpectedMessageTypeError)
    const signWithAnother = (hash: Uint8Array): Uint8Array => sign(otherKey, hash)
    await expect(encodeJoinResponse({ ...response, sign: signWithAnother })).rejects.toThrow(ForeignSignerError)
  })
})
