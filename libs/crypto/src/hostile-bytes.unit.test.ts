import { SegmentMessage } from '@annals/proto/status/v1/segment'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { hostileBytes, valueOrError } from '../testing/hostile-bytes.ts'
import { readEncryptedVectors, readVector, skipVectors, vectorsNote } from '../testing/vectors.ts'
import {
  communityIdOfPrivateKey,
  CryptoError,
  decodeGroupKeys,
  decodeJoinResponse,
  decodeMagnetMessage,
  decryptForGroup,
  decryptWakuPayload,
  encodeCommunityDescription,
  encodeGroupKeys,
  encodeJoinResponse,
  encodeMagnetMessage,
  encryptForGroup,
  encryptWakuPayload,
  fromHex,
  GroupKey,
  isEncrypted,
  keccak256,
  privateKeyFromRandom,
  RatchetCache,
  SegmentAssembler,
  readCommunityDescription,
  sign,
  unwrapPublicMessage,
  wrapApplicationMessage,
  wrapPublicMessage,
  type DecryptForGroupOptions,
  type LookUpGroupKey,
} from './index.ts'
import { randomNonce, seal } from './ratchet/aes-gcm.ts'
import { readFrame } from './waku-payload/frame.ts'
import { decodeDescriptionFields, encodeDescriptionFields } from './description/wire-description.ts'

const privateKey = privateKeyFromRandom(new Uint8Array(48).fill(8))
const signHash = (hash: Uint8Array): Uint8Array => sign(privateKey, hash)
const communityId = communityIdOfPrivateKey(privateKey)
const groupId = fromHex(communityId)
const key = new GroupKey({ groupId, key: new Uint8Array(32).fill(1), timestampMilliseconds: 1_704_067_200_123 })
const ratchet = new RatchetCache()
const installationId = '6f1c9f5e-3a52-4d8e-9f7b-2b1d3c4e5f60'
const symmetricKey = new Uint8Array(32).fill(2)
const magnetLink = 'magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567'

/** As a store would: only the key that is asked for. */
const options: DecryptForGroupOptions = {
  ratchet,
  lookUpKey: (wanted) =>
    wanted.by === 'key-id' && Buffer.compare(wanted.keyId, key.keyId) === 0 ? { key, reachedSeqNo: 0 } : undefined,
}

const description = {
  communityId,
  clock: 1_704_067_200,
  name: 'A community',
  channels: [{ channelId: '3f1c2a50-0b0e-4d0c-9a55-6d5a0a6f0001', name: 'general' }],
  archiveMagnetLinkClockMilliseconds: 1_704_067_200_789,
  sign: signHash,
}

let cases = 0

/**
 * Each case ends with an answer of the two kinds there are; gives how many were refused. One that does not end is what
 * the time limit of the tests finds.
 */
async function fuzz(
  good: readonly Uint8Array[],
  numRuns: number,
  read: (bytes: Uint8Array) => unknown,
): Promise<number> {
  let refused = 0
  for (const bytes of good) expect(await valueOrError(() => read(bytes))).not.toBeInstanceOf(CryptoError)
  await fc.assert(
    fc.asyncProperty(hostileBytes(good), async (bytes) => {
      cases++
      if ((await valueOrError(() => read(bytes))) instanceof CryptoError) refused++
    }),
    { numRuns },
  )
  return refused
}

/** What a community that means ill says of itself. */
async function readSigned(payload: Uint8Array): Promise<unknown> {
  return readCommunityDescription(wrapApplicationMessage({ privateKey, type: 25, payload }), options)
}

/** What is refused here, and only said to be, is refused for the count too. */
async function decrypt(bytes: Uint8Array, options: DecryptForGroupOptions): Promise<unknown> {
  const opened = await decryptForGroup(bytes, options)
  if (opened.kind === 'refused') throw opened.error
  return opened
}

describe('foreign bytes give a value or a typed refusal', () => {
  afterAll(() => console.log(`hostile bytes: ${cases} cases`))

  it('as an encrypted archive, index or message', async () => {
    const made = [1, 2, 300].map(async (seqNo) =>
      encryptForGroup(new Uint8Array(seqNo), { key, seqNo, installationId, ratchet }),
    )
    const good = (await Promise.all(made)).map(({ bytes }) => bytes)
    expect(await fuzz(good, 3_000, (bytes) => decrypt(bytes, options))).toBeGreaterThan(0)
    expect(await fuzz(good, 1_000, isEncrypted)).toBe(0)
  })

  it('as keys', async () => {
    expect(
      await fuzz([encodeGroupKeys([key]), encodeGroupKeys([key, key])], 2_000, (bytes) =>
        decodeGroupKeys(bytes, groupId),
      ),
    ).toBeGreaterThan(0)
  })

  it('as a Waku payload, and as the frame in it', async () => {
    const good = [
      await encryptWakuPayload({ data: new Uint8Array(10), symmetricKey, sign: signHash }),
      await encryptWakuPayload({ data: new Uint8Array(300), symmetricKey, sign: signHash }),
    ]
    expect(await fuzz(good, 500, (bytes) => decryptWakuPayload(bytes, symmetricKey))).toBeGreaterThan(0)
    const frames = [Uint8Array.of(5, 1, 9, ...new Uint8Array(67)), Uint8Array.of(6, 0, 1, ...new Uint8Array(400))]
    expect(await fuzz(frames, 3_000, readFrame)).toBeGreaterThan(0)
    const sealed = fc.uint8Array({ maxLength: 100 })
    await fc.assert(
      fc.asyncProperty(sealed, async (frame) => {
        cases++
        const nonce = randomNonce()
        const payload = Buffer.concat([await seal(symmetricKey, nonce, frame), nonce])
        await valueOrError(() => decryptWakuPayload(payload, symmetricKey))
      }),
      { numRuns: 500 },
    )
  })

  it('as a public message', async () => {
    const message = encodeMagnetMessage({ privateKey, clockMilliseconds: 5, magnetLink })
    expect(await fuzz([message, wrapPublicMessage(message)], 2_000, unwrapPublicMessage)).toBeGreaterThan(0)
    expect(await fuzz([message, wrapPublicMessage(message)], 300, decodeMagnetMessage)).toBeGreaterThan(0)
  })

  it('as a segment of a message', async () => {
    const whole = new Uint8Array(9).fill(5)
    const good = [0, 1, 2].map((index) => {
      const payload = Buffer.from(whole.subarray(index * 3, (index + 1) * 3))
      const hash = Buffer.from(keccak256(whole))
      const fields = { entireMessageHash: hash, index, segmentsCount: 3, payload }
      return SegmentMessage.encode(SegmentMessage.fromPartial(fields)).finish()
    })
    const full = new SegmentAssembler({ maxChatBytes: 100 })
    const read = (data: Uint8Array): unknown => {
      const arrived = { chatId: 'chat', senderPublicKey: privateKey, data }
      full.add(arrived, 0)
      expect(full.sizeBytes).toBeLessThanOrEqual(100)
      const assembled = new SegmentAssembler().add(arrived, 0)
      if (assembled.kind === 'refused') throw assembled.error
      return assembled
    }
    // Most of what is changed is still a segment, of another message.
    await fuzz(good, 2_000, read)
  })

  it('as an answer to who asked to join', async () => {
    const good = await encodeJoinResponse({
      communityId,
      accepted: true,
      magnetLink,
      archiveMagnetLinkClockMilliseconds: 5,
      sign: signHash,
    })
    expect(await fuzz([good, wrapPublicMessage(good)], 300, decodeJoinResponse)).toBeGreaterThan(0)
  })

  it("as a community's description, also where the community itself signed it", async () => {
    const good = [
      await encodeCommunityDescription({ ...description, encryption: undefined }),
      await encodeCommunityDescription({ ...description, encryption: { key, seqNo: 4, ratchet } }),
    ]
    expect(await fuzz(good, 300, (bytes) => readCommunityDescription(bytes, options))).toBeGreaterThan(0)
    const fields = {
      ...description,
      access: 1,
      becomeMemberPermission: true,
      id: communityId,
      privateData: new Map([[`${key.keyIdText()}4`, new Uint8Array(40)]]),
    }
    const payload = encodeDescriptionFields(fields)
    expect(await fuzz([payload], 3_000, decodeDescriptionFields)).toBeGreaterThan(0)
    expect(await fuzz([payload], 300, readSigned)).toBeGreaterThan(0)
  })

  it.skipIf(skipVectors)(`as archives and Waku payloads that status-go made${vectorsNote}`, async () => {
    for (const vector of readEncryptedVectors((bytes) => `${bytes.length}`)) {
      const lookUpKey: LookUpGroupKey = (wanted) => {
        const key = vector.keys.find(({ keyId }) => wanted.by === 'key-id' && Buffer.compare(keyId, wanted.keyId) === 0)
        return key && { key, reachedSeqNo: 0 }
      }
      expect(await fuzz([vector.encrypted], 100, (bytes) => decrypt(bytes, { lookUpKey, ratchet }))).toBeGreaterThan(0)
    }
    const announcements = readVector('magnet-message/magnet-message.json') as Record<string, string>[]
    const bytesOf = (name: string): Uint8Array[] => announcements.map((each) => fromHex(each[name]!))
    const chatKey = fromHex(announcements[0]!['symmetricKey']!)
    const read = (bytes: Uint8Array): unknown => decryptWakuPayload(bytes, chatKey)
    expect(await fuzz(bytesOf('wakuPayload'), 300, read)).toBeGreaterThan(0)
    expect(await fuzz(bytesOf('rfc26Plain'), 1_000, readFrame)).toBeGreaterThan(0)
    expect(await fuzz(bytesOf('protocolMessage'), 300, decodeMagnetMessage)).toBeGreaterThan(0)
  })
})
