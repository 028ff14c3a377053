import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { messageHash } from '@waku/core'
import { decryptSymmetric, encryptSymmetric, postCipher, preCipher } from '@waku/message-encryption/symmetric'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decryptWakuPayload,
  deriveSymmetricKey,
  encryptWakuPayload,
  InvalidShardError,
  InvalidSignatureError,
  InvalidWakuFrameError,
  InvalidWakuTimestampError,
  keccak256,
  maxWakuDataBytes,
  privateKeyFromRandom,
  sign,
  SymmetricKeys,
  toHex,
  uncompressedPublicKey,
  UndecryptableError,
  WakuDataTooLargeError,
  wakuContentTopic,
  wakuMessageHash,
  wakuPubsubTopic,
} from '../index.ts'

const privateKey = privateKeyFromRandom(new Uint8Array(48).fill(9))
const symmetricKey = new Uint8Array(32).fill(5)
const signHash = (hash: Uint8Array): Uint8Array => sign(privateKey, hash)

const signWithoutV = (hash: Uint8Array): Uint8Array => signHash(hash).subarray(0, 64)
const withEthereumV = (hash: Uint8Array): Uint8Array => {
  const signature = signHash(hash)
  signature[64]! += 27
  return signature
}

/** What the library does, by Node's own cryptography. */
function encryptPlain(plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', symmetricKey, nonce)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag(), nonce])
}

function decryptPlain(payload: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', symmetricKey, payload.subarray(-12))
  decipher.setAuthTag(payload.subarray(-28, -12))
  return Buffer.concat([decipher.update(payload.subarray(0, -28)), decipher.final()])
}

function openingOf(plain: Uint8Array): ReturnType<typeof decryptWakuPayload> {
  return decryptWakuPayload(encryptPlain(plain), symmetricKey)
}

function signedFrame(...parts: Uint8Array[]): Uint8Array {
  const frame = Buffer.concat(parts)
  return Buffer.concat([frame, signHash(keccak256(frame))])
}

describe('a Waku payload', () => {
  it('comes back with its sender and padding, which fills it up to a multiple of 256', async () => {
    const lengths = fc.oneof(fc.nat(1_000), fc.constantFrom(0, 188, 189, 190, 255, 256, 445, 65_535, 65_536))
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        const data = new Uint8Array(length).fill(7)
        const payload = await encryptWakuPayload({ data, symmetricKey, sign: signHash })
        const opened = await decryptWakuPayload(payload, symmetricKey)
        expect(Buffer.compare(opened.data, data)).toBe(0)
        expect(toHex(opened.senderPublicKey)).toBe(toHex(uncompressedPublicKey(privateKey)))
        expect(decryptPlain(payload).length % 256).toBe(0)
        expect(opened.padding.length).toBeGreaterThanOrEqual(1)
        expect(opened.padding.length).toBeLessThanOrEqual(256)
      }),
      { numRuns: 40 },
    )
  })

  it("is read by js-waku, and js-waku's is read here", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 700 }), async (data) => {
        const ours = await encryptWakuPayload({ data, symmetricKey, sign: signHash })
        const read = postCipher(await decryptSymmetric(ours, symmetricKey))
        expect(Buffer.compare(read!.payload, data)).toBe(0)
        expect(toHex(read!.sig!.publicKey!)).toBe(toHex(uncompressedPublicKey(privateKey)))

        const theirs = await encryptSymmetric(await preCipher(data, privateKey), symmetricKey)
        const opened = await decryptWakuPayload(theirs, symmetricKey)
        expect(Buffer.compare(opened.data, data)).toBe(0)
        expect(toHex(opened.senderPublicKey)).toBe(toHex(uncompressedPublicKey(privateKey)))
      }),
      { numRuns: 30 },
    )
  })

  it('is signed with V 0 or 1, also by a signer that says 27 or 28, and is taken with either', async () => {
    const payload = await encryptWakuPayload({ data: Uint8Array.of(1), symmetricKey, sign: withEthereumV })
    const plain = decryptPlain(payload)
    expect(plain.at(-1)).toBeLessThanOrEqual(1)
    plain[plain.length - 1]! += 27
    const opened = await decryptWakuPayload(encryptPlain(plain), symmetricKey)
    expect(toHex(opened.senderPublicKey)).toBe(toHex(uncompressedPublicKey(privateKey)))
  })

  it('under another key, changed, or cut, does not open', async () => {
    const payload = await encryptWakuPayload({ data: Uint8Array.of(1, 2), symmetricKey, sign: signHash })
    const opening = (bytes: Uint8Array, key = symmetricKey): Promise<unknown> => decryptWakuPayload(bytes, key)
    await expect(opening(payload, new Uint8Array(32))).rejects.toThrow(UndecryptableError)
    await expect(opening(payload.with(3, payload[3]! ^ 1))).rejects.toThrow(UndecryptableError)
    for (const length of [0, 12, 27, 28, payload.length - 1])
      await expect(opening(payload.subarray(0, length))).rejects.toThrow(UndecryptableError)
  })

  it('whose frame claims more data than there is, or has none, is refused', async () => {
    await expect(openingOf(new Uint8Array(0))).rejects.toThrow(InvalidWakuFrameError)
    await expect(openingOf(Uint8Array.of(1, 1, 9, 0))).rejects.toThrow(InvalidSignatureError)
    await expect(openingOf(Uint8Array.of(7, 255, 255, 255))).rejects.toThrow(InvalidWakuFrameError)
    await expect(openingOf(signedFrame(Uint8Array.of(7, 255, 255)))).rejects.toThrow(InvalidWakuFrameError)
    await expect(openingOf(signedFrame(Uint8Array.of(5, 2, 1)))).rejects.toThrow(InvalidWakuFrameError)
    await expect(openingOf(new Uint8Array(256).fill(5))).rejects.toThrow(InvalidSignatureError)
  })

  it('may have padding of any length, and no data', async () => {
    for (const padding of [0, 1, 700]) {
      const opened = await decryptWakuPayload(
        encryptPlain(signedFrame(Uint8Array.of(4), new Uint8Array(padding))),
        symmetricKey,
      )
      expect([opened.data.length, opened.padding.length]).toEqual([0, padding])
    }
  })

  it('carries 16,777,215 bytes at most', async () => {
    const data = new Uint8Array(maxWakuDataBytes + 1)
    await expect(encryptWakuPayload({ data, symmetricKey, sign: signHash })).rejects.toThrow(WakuDataTooLargeError)
  })

  it('is not made with a signature that is none', async () => {
    const making = encryptWakuPayload({ data: new Uint8Array(1), symmetricKey, sign: signWithoutV })
    await expect(making).rejects.toThrow(InvalidSignatureError)
  })
})

describe('symmetric keys', () => {
  it("are PBKDF2's as Node derives it", async () => {
    for (const chatId of ['', 'status', 'ünïcödé'])
      expect(Buffer.from(await deriveSymmetricKey(chatId))).toEqual(pbkdf2Sync(chatId, '', 65_356, 32, 'sha256'))
  })

  it('are derived once each, and only the ones used last are kept', async () => {
    const keys = new SymmetricKeys({ maxKeys: 2 })
    const first = await keys.of('a')
    expect(await keys.of('a')).toBe(first)
    await keys.of('b')
    await keys.of('a')
    await keys.of('c')
    expect(await keys.of('a')).toBe(first)
    const second = await keys.of('b')
    expect(await keys.of('b')).toBe(second)
    expect(await keys.of('a')).toBe(first)
    await keys.of('c')
    const again = await keys.of('b')
    expect(again).not.toBe(second)
    expect(again).toEqual(second)
  })
})

describe('a Waku message', () => {
  it("has the hash that js-waku gives it, whatever its parts are, and a node's for time 0", () => {
    const parts = fc.record({
      pubsubTopic: fc.string(),
      payload: fc.uint8Array(),
      contentTopic: fc.string(),
      meta: fc.uint8Array(),
      timestampNanoseconds: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    })
    fc.assert(
      fc.property(parts, (message) => {
        const theirs = messageHash(message.pubsubTopic, {
          payload: message.payload,
          contentTopic: message.contentTopic,
          meta: message.meta,
          timestamp: message.timestampNanoseconds,
          version: 1,
        } as never)
        expect(toHex(wakuMessageHash(message))).toBe(toHex(theirs))
      }),
    )
    const empty = new Uint8Array(0)
    const timeless = { pubsubTopic: '', payload: empty, contentTopic: '', meta: empty, timestampNanoseconds: 0n }
    const expected = createHash('sha256').update(new Uint8Array(8)).digest()
    expect(Buffer.from(wakuMessageHash(timeless))).toEqual(expected)
    for (const timestampNanoseconds of [2n ** 63n, -(2n ** 63n) - 1n])
      expect(() => wakuMessageHash({ ...timeless, timestampNanoseconds })).toThrow(InvalidWakuTimestampError)
  })

  it('is on topics of numbers that there are', () => {
    expect(wakuContentTopic('status')).toBe('/waku/1/0xcd423760/rfc26')
    expect(wakuPubsubTopic({ clusterId: 0, shard: 1 })).toBe('/waku/2/rs/0/1')
    for (const [clusterId, shard] of [
      [-1, 0],
      [0, 65_536],
      [0.5, 0],
      [0, Number.NaN],
    ] as const)
      expect(() => wakuPubsubTopic({ clusterId, shard })).toThrow(InvalidShardError)
  })
})
