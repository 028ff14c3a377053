import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { ProtocolMessage } from '@annals/proto/status/v1/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkInstallationId,
  createGroupKey,
  createInstallationId,
  decodeGroupKeys,
  decryptForGroup,
  encodeGroupKeys,
  encryptForGroup,
  GroupKey,
  GroupKeyMismatchError,
  InvalidGroupKeyError,
  InvalidInstallationIdError,
  InvalidMessageBytesError,
  InvalidSequenceNumberError,
  isEncrypted,
  keccak256,
  maxSeqNoAhead,
  NotForGroupError,
  RatchetCache,
  SequenceNumberTooHighError,
  toHex,
  UndecryptableError,
  type LookUpGroupKey,
  type WantedGroupKey,
} from '../index.ts'

const groupId = new Uint8Array(33).fill(2)
const secret = new Uint8Array(32).fill(0xab)
const key = new GroupKey({ groupId, key: secret, timestampMilliseconds: 1_704_067_200_123 })
const installationId = '6f1c9f5e-3a52-4d8e-9f7b-2b1d3c4e5f60'
const lookUpKey: LookUpGroupKey = () => ({ key, reachedSeqNo: 0 })
const noLookUp: LookUpGroupKey = () => expect.unreachable()

/** The ratchet without a cache. */
function stepOf(from: Uint8Array, seqNo: number): Uint8Array {
  let step = from
  for (let i = 0; i < seqNo; i++) step = keccak256(step)
  return step
}

/** A group's message by Node's cryptography and the generated encoder. */
function encryptElsewhere(
  plain: Uint8Array,
  header: Partial<{ seqNo: number; keyId: Uint8Array; groupId: Uint8Array; deprecatedKeyId: number }> = {},
  mapKey = 'none',
): Uint8Array {
  const { seqNo = 1 } = header
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', stepOf(secret, seqNo), nonce)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag(), nonce])
  const hrHeader = { deprecatedKeyId: key.deprecatedKeyId, groupId, keyId: key.keyId, ...header, seqNo }
  return ProtocolMessage.encode(
    ProtocolMessage.fromPartial({
      installationId,
      encryptedMessage: { [mapKey]: { payload: seqNo === 0 ? Buffer.from(plain) : sealed, hrHeader } },
    } as never),
  ).finish()
}

function decryptElsewhere(bytes: Uint8Array): Buffer {
  const { payload, hrHeader } = ProtocolMessage.decode(bytes).encryptedMessage['none']!
  const decipher = createDecipheriv('aes-256-gcm', stepOf(secret, hrHeader!.seqNo), payload.subarray(-12))
  decipher.setAuthTag(payload.subarray(-28, -12))
  return Buffer.concat([decipher.update(payload.subarray(0, -28)), decipher.final()])
}

describe('group encryption', () => {
  it('makes what an independent implementation opens, and opens what that makes', async () => {
    const ratchet = new RatchetCache()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 40 }), async (plain, seqNo) => {
        const { bytes, nextSeqNo } = await encryptForGroup(plain, { key, seqNo, installationId, ratchet })
        expect(decryptElsewhere(bytes).equals(plain)).toBe(true)
        expect(nextSeqNo).toBe(seqNo + 1)
        const decoded = ProtocolMessage.decode(bytes)
        expect(decoded.installationId).toBe(installationId)
        expect(decoded.encryptedMessage['none']!.hrHeader).toMatchObject({
          deprecatedKeyId: key.deprecatedKeyId,
          seqNo,
          groupId: Buffer.from(groupId),
          keyId: Buffer.from(key.keyId),
        })
        const opened = await decryptForGroup(encryptElsewhere(plain, { seqNo }), { lookUpKey, ratchet })
        expect(opened).toEqual({ kind: 'decrypted', plain, seqNo, keyId: key.keyId, installationId })
      }),
      { numRuns: 50 },
    )
  })

  it('takes an archive of 30 MB', async () => {
    const plain = new Uint8Array(30_000_000).fill(3)
    const ratchet = new RatchetCache()
    const { bytes } = await encryptForGroup(plain, { key, seqNo: 1, installationId, ratchet })
    expect(isEncrypted(bytes)).toBe(true)
    const opened = await decryptForGroup(bytes, { lookUpKey, ratchet })
    if (opened.kind !== 'decrypted') throw new Error(opened.kind)
    expect(Buffer.compare(opened.plain, plain)).toBe(0)
  })

  it('says which key is missing, by key id or, of older clients, by its deprecated id and group', async () => {
    const wanted: WantedGroupKey[] = []
    const lookUpKey: LookUpGroupKey = (each) => void wanted.push(each)
    const ratchet = new RatchetCache()
    for (const keyId of [key.keyId, new Uint8Array(0)]) {
      const bytes = encryptElsewhere(Uint8Array.of(1), { keyId })
      const opened = await decryptForGroup(bytes, { lookUpKey, ratchet })
      expect(opened).toEqual({ kind: 'key-missing', wanted: wanted.at(-1), installationId })
    }
    expect(wanted).toEqual([
      { by: 'key-id', keyId: key.keyId, groupId },
      { by: 'deprecated-key-id', deprecatedKeyId: key.deprecatedKeyId, groupId },
    ])
    const opened = await decryptForGroup(encryptElsewhere(Uint8Array.of(1), { keyId: new Uint8Array(0) }), {
      lookUpKey: () => ({ key, reachedSeqNo: 0 }),
      ratchet,
    })
    expect(opened).toMatchObject({ kind: 'decrypted', plain: Uint8Array.of(1) })
  })

  it('waiting for a key does not keep the archive in memory', async () => {
    const bytes = encryptElsewhere(Uint8Array.of(1))
    const ratchet = new RatchetCache()
    const opened = await decryptForGroup(bytes, { lookUpKey: () => undefined, ratchet })
    if (opened.kind !== 'key-missing' || opened.wanted.by !== 'key-id') throw new Error(opened.kind)
    expect(opened.wanted.keyId.buffer.byteLength).toBe(32)
  })

  it('gives the payload as it is for sequence number 0, and asks for no key', async () => {
    const bytes = encryptElsewhere(Uint8Array.of(1, 2), { seqNo: 0 })
    const opened = await decryptForGroup(bytes, { lookUpKey: noLookUp, ratchet: new RatchetCache() })
    expect(opened).toMatchObject({ kind: 'decrypted', plain: Uint8Array.of(1, 2), seqNo: 0, keyId: undefined })
  })

  it('refuses a sequence number more than 100,000 ahead of the highest that was seen', async () => {
    const ratchet = new RatchetCache()
    const opening = (seqNo: number, reachedSeqNo: number): ReturnType<typeof decryptForGroup> =>
      decryptForGroup(forged(seqNo), { lookUpKey: () => ({ key, reachedSeqNo }), ratchet })
    const tooHigh = { kind: 'refused', error: expect.any(SequenceNumberTooHighError) as unknown }
    expect(await opening(maxSeqNoAhead + 1, 0)).toMatchObject(tooHigh)
    expect(await opening(2 ** 32 - 1, 4)).toMatchObject({ error: { seqNo: 2 ** 32 - 1, reachedSeqNo: 4 } })
    // Near enough, but forged: that does not move the limit on.
    expect(await opening(2_000, 0)).toMatchObject({ kind: 'refused', error: expect.any(UndecryptableError) as unknown })
    expect(ratchet.reachedSeqNo(key)).toBe(0)
    expect(await opening(maxSeqNoAhead + 1, 0)).toMatchObject(tooHigh)
    expect(await opening(maxSeqNoAhead + 1, 1)).toMatchObject({ error: expect.any(UndecryptableError) as unknown })
    await decryptForGroup(encryptElsewhere(secret, { seqNo: 7 }), { lookUpKey, ratchet })
    expect(ratchet.reachedSeqNo(key)).toBe(7)
    expect(await opening(maxSeqNoAhead + 8, 0)).toMatchObject({ error: { reachedSeqNo: 7 } })
  })

  it('refuses what is not encrypted, not for a group, or names its key badly', async () => {
    const ratchet = new RatchetCache()
    const opening = (bytes: Uint8Array): ReturnType<typeof decryptForGroup> =>
      decryptForGroup(bytes, { lookUpKey, ratchet })
    expect(await opening(new Uint8Array(0))).toMatchObject({ error: { name: 'NotForGroupError', encrypted: false } })
    const forDevice = encryptElsewhere(Uint8Array.of(1), {}, installationId)
    expect(await opening(forDevice)).toMatchObject({ error: { name: 'NotForGroupError', encrypted: true } })
    for (const header of [{ keyId: new Uint8Array(31) }, { keyId: new Uint8Array(0), groupId: new Uint8Array(0) }]) {
      const opened = await opening(encryptElsewhere(Uint8Array.of(1), header))
      expect(opened).toMatchObject({ kind: 'refused', error: expect.any(InvalidMessageBytesError) as unknown })
    }
    expect(new NotForGroupError(true).encrypted).toBe(true)
  })

  it('does not take another key for the one it asked for', async () => {
    const other = new GroupKey({ groupId, key: secret, timestampMilliseconds: 5 })
    const options = { lookUpKey: () => ({ key: other, reachedSeqNo: 0 }), ratchet: new RatchetCache() }
    for (const keyId of [key.keyId, new Uint8Array(0)])
      await expect(decryptForGroup(encryptElsewhere(secret, { keyId }), options)).rejects.toThrow(GroupKeyMismatchError)
  })

  it("hands on a look-up's failure, which is no fault of the bytes", async () => {
    const failure = new InvalidGroupKeyError('the store is locked')
    const lookUpKey: LookUpGroupKey = async () => Promise.reject(failure)
    const opening = decryptForGroup(encryptElsewhere(secret), { lookUpKey, ratchet: new RatchetCache() })
    await expect(opening).rejects.toBe(failure)
  })

  it('takes numbers from 1 to 2^32 - 1, and an installation id that readers read rightly', async () => {
    const ratchet = new RatchetCache()
    for (const seqNo of [0, -1, 1.5, 2 ** 32, Number.NaN])
      await expect(encryptForGroup(secret, { key, seqNo, installationId, ratchet })).rejects.toThrow(
        InvalidSequenceNumberError,
      )
    for (const installationId of ['', 'ee498009-f07f-4192-85f7-3089393a45f9'])
      await expect(encryptForGroup(secret, { key, seqNo: 1, installationId, ratchet })).rejects.toThrow(
        InvalidInstallationIdError,
      )
    for (let i = 0; i < 3_000; i++) checkInstallationId(createInstallationId())
  })
})

/** Says a sequence number that it was not made under. */
function forged(seqNo: number): Uint8Array {
  const hrHeader = { groupId, keyId: key.keyId, seqNo }
  const message = { installationId, encryptedMessage: { none: { payload: Buffer.alloc(40), hrHeader } } }
  return ProtocolMessage.encode(ProtocolMessage.fromPartial(message as never)).finish()
}

describe('the ratchet', () => {
  it('gives the same steps with and without what it remembers, in any order', async () => {
    const steps: Uint8Array[] = [secret]
    for (let i = 0; i < 6_000; i++) steps.push(keccak256(steps[i]!))
    const ratchet = new RatchetCache()
    await fc.assert(
      fc.asyncProperty(fc.nat(6_000), async (seqNo) => {
        expect(await ratchet.stepKey(key, seqNo)).toEqual(steps[seqNo])
      }),
      { numRuns: 100 },
    )
  })

  it('remembers right also after so many steps that it forgets some', async () => {
    const ratchet = new RatchetCache()
    const far = await ratchet.stepKey(key, 140_000)
    const [near, middle] = [await ratchet.stepKey(key, 999), await ratchet.stepKey(key, 131_001)]
    expect(toHex(near)).toBe(toHex(stepOf(secret, 999)))
    expect(toHex(stepOf(middle, 140_000 - 131_001))).toBe(toHex(far))
  })

  it('gives others their turn on a long way', async () => {
    const turns: string[] = []
    setTimeout(() => turns.push('other'), 0)
    await new RatchetCache().stepKey(key, 20_000)
    turns.push('ratchet')
    expect(turns).toEqual(['other', 'ratchet'])
  })

  it('walks for several at once without mixing them up', async () => {
    const ratchet = new RatchetCache()
    const numbers = [5_000, 3, 4_999, 2_500, 5_001]
    const found = await Promise.all(numbers.map(async (seqNo) => toHex(await ratchet.stepKey(key, seqNo))))
    expect(found).toEqual(numbers.map((seqNo) => toHex(stepOf(secret, seqNo))))
  })

  it('forgets the key that was not used for longest when there are too many', () => {
    const ratchet = new RatchetCache({ maxKeys: 2 })
    const keys = [1, 2, 3].map((timestampMilliseconds) => new GroupKey({ groupId, key: secret, timestampMilliseconds }))
    for (const each of [keys[0]!, keys[1]!, keys[0]!, keys[2]!]) ratchet.reach(each, 9)
    expect(keys.map((each) => ratchet.reachedSeqNo(each))).toEqual([9, 0, 9])
  })
})

describe('group keys', () => {
  it('are later than the last one, whatever the clock says', () => {
    const seed = new Uint8Array(48).fill(1)
    for (const [nowMilliseconds, lastTimestampMilliseconds, expected] of [
      [1_000, undefined, 1_010],
      [1_000, 999, 1_010],
      [1_000, 1_000, 1_001],
      [1_000, 5_000, 5_001],
    ] as const) {
      const made = createGroupKey({ groupId, nowMilliseconds, lastTimestampMilliseconds, randomBytes: seed })
      expect(made.timestampMilliseconds).toBe(expected)
    }
  })

  it('show their secret to nobody who prints them', () => {
    const shown = [inspect(key, { showHidden: true, depth: 9 }), JSON.stringify(key)]
    for (const text of shown) {
      expect(text).not.toContain('abababab')
      expect(text).not.toMatch(/171,\s*171,\s*171/)
    }
    expect(toHex(key.secret())).toBe(toHex(secret))
    key.secret().fill(0)
    expect(toHex(key.secret())).toBe(toHex(secret))
    const ratchet = new RatchetCache()
    ratchet.reach(key, 1)
    expect(inspect(ratchet, { showHidden: true, depth: 9 })).not.toMatch(/171,\s*171,\s*171/)
  })

  it('have a group, 32 bytes and a time', () => {
    const parts = { groupId, key: secret, timestampMilliseconds: 1 }
    for (const wrong of [
      { groupId: new Uint8Array(0) },
      { key: new Uint8Array(31) },
      { timestampMilliseconds: 0 },
      { timestampMilliseconds: 1.5 },
      { timestampMilliseconds: 2 ** 53 },
    ])
      expect(() => new GroupKey({ ...parts, ...wrong })).toThrow(InvalidGroupKeyError)
  })

  it('go from one to another as HRKeys, where an older client gives the deprecated id alone', () => {
    const keys = [key, new GroupKey({ groupId, key: secret, timestampMilliseconds: 7 })]
    const back = decodeGroupKeys(encodeGroupKeys(keys), groupId)
    expect(back.map((each) => each.keyIdText())).toEqual(keys.map((each) => each.keyIdText()))
    const old = Buffer.from(encodeGroupKeys([keys[1]!])).subarray(0, -2)
    old[1]! -= 2
    expect(decodeGroupKeys(old, groupId)[0]!.timestampMilliseconds).toBe(7)
    expect(() => decodeGroupKeys(Uint8Array.of(10, 2, 18, 0), groupId)).toThrow(InvalidGroupKeyError)
    const late = Uint8Array.of(10, 11, 24, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)
    expect(() => decodeGroupKeys(late, groupId)).toThrow(InvalidMessageBytesError)
  })
})

describe('isEncrypted', () => {
  it('asks for the field of encrypted messages at the top, and for nothing else', () => {
    expect(isEncrypted(encryptElsewhere(secret))).toBe(true)
    const bare = ProtocolMessage.encode(
      ProtocolMessage.fromPartial({ installationId, publicMessage: Buffer.from(encryptElsewhere(secret)) }),
    ).finish()
    expect(isEncrypted(bare)).toBe(false)
    const many = Array.from({ length: 300 }, (_, i) => [
      0x1a,
      ...(i < 128 ? [i] : [0x80 + (i % 128), i >> 7]),
      ...Array<number>(i).fill(0xaa),
    ])
    expect(isEncrypted(Uint8Array.from(many.flat()))).toBe(false)
    expect(isEncrypted(Uint8Array.from([...many.flat(), 0xaa, 0x06]))).toBe(true)
    for (const bytes of [[], [0xff], [0xaa, 0x06], [0xa8, 0x06, 0], [10, 200, 1]])
      expect(isEncrypted(Uint8Array.from(bytes))).toBe(bytes.length === 2)
  })
})
