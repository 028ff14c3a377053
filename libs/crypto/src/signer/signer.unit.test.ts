import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  NoSigningKeyError,
  Secret,
  SignerRefusedError,
  WrongSignatureError,
  checkSignature,
  communityIdOfPrivateKey,
  decodeMagnetMessage,
  encodeMagnetMessage,
  privateKeyFromRandom,
  readApplicationMessage,
  readSignable,
  signApplicationMessage,
  signMagnetMessage,
  signWithKey,
  signableTypes,
  toHex,
} from '../index.ts'
import type { Signer } from '../index.ts'

const bytes = privateKeyFromRandom(new Uint8Array(48).fill(9))
const privateKey = new Secret(bytes)
const communityId = communityIdOfPrivateKey(bytes)
const magnetLink = 'magnet:?xt=urn:btih:00'
const clockMilliseconds = 1_704_067_200_789
const local: Signer = { sign: async (request) => signWithKey(privateKey, request) }

describe('Secret', () => {
  it('shows nothing of itself, however it is printed', () => {
    const inside = { deep: [privateKey], error: Object.assign(new Error('x'), { privateKey }) }
    const shown = [
      String(privateKey),
      JSON.stringify(inside),
      inspect(inside, { depth: 9, showHidden: true }),
      Object.entries(privateKey).join(),
      JSON.stringify(structuredClone({ privateKey: Object.assign({}, privateKey) })),
    ].join('\n')
    expect(shown).not.toContain(toHex(bytes).slice(2, 10))
    expect(shown).not.toContain(Buffer.from(bytes).toString('base64').slice(0, 8))
    expect(shown).not.toContain(`${bytes[0]}, ${bytes[1]}`)
    expect(shown).not.toContain(`${bytes[0]},${bytes[1]}`)
  })

  it('keeps a copy, and gives copies', () => {
    const given = Uint8Array.of(1, 2, 3)
    const secret = new Secret(given)
    given.fill(0)
    secret.reveal().fill(0)
    expect(secret.reveal()).toEqual(Uint8Array.of(1, 2, 3))
    expect(secret.lengthBytes).toBe(3)
  })
})

describe('a signed announcement', () => {
  it('is the one that the key itself makes, each time the same', async () => {
    const expected = encodeMagnetMessage({ privateKey: bytes, clockMilliseconds, magnetLink })
    for (let time = 0; time < 2; time += 1)
      expect(await signMagnetMessage(local, { communityId, clockMilliseconds, magnetLink })).toEqual(expected)
    expect(decodeMagnetMessage(expected).communityId).toBe(communityId)
    expect([0, 1]).toContain(readApplicationMessage(expected).signature[64])
  })

  it('is refused where its signer is somebody else, gives no signature, or V as 27 or 28', async () => {
    const request = { communityId, type: signableTypes.description, payload: Uint8Array.of(8, 1) }
    const other = new Secret(privateKeyFromRandom(new Uint8Array(48).fill(8)))
    const otherId = communityIdOfPrivateKey(other.reveal())
    const good = signWithKey(privateKey, request)
    const answers = [
      signWithKey(other, { ...request, communityId: otherId }),
      new Uint8Array(65),
      new Uint8Array(0),
      Uint8Array.of(...good.subarray(0, 64), (good[64] ?? 0) + 27),
    ]
    for (const answer of answers)
      await expect(signApplicationMessage({ sign: async () => answer }, request)).rejects.toBeInstanceOf(
        WrongSignatureError,
      )
    expect(() => checkSignature(request, good)).not.toThrow()
    expect(() => signWithKey(other, request)).toThrow(NoSigningKeyError)
  })
})

describe('what is to be signed', () => {
  it('is read before it is signed', async () => {
    const { payload } = readApplicationMessage(
      await signMagnetMessage(local, { communityId, clockMilliseconds, magnetLink }),
    )
    expect(readSignable({ communityId, type: 43, payload })).toEqual({ clock: clockMilliseconds, magnetLink })
    expect(readSignable({ communityId, type: 25, payload })).toEqual({ clock: clockMilliseconds })
  })

  it('is refused where it is of another type, no message, or an announcement of nothing', () => {
    const cases = [
      [1, Uint8Array.of(8, 1)],
      [43, Uint8Array.of(8, 1)],
      [43, Uint8Array.of(7)],
      [25, Uint8Array.of(7)],
    ] as const
    for (const [type, payload] of cases)
      expect(() => readSignable({ communityId, type, payload })).toThrow(SignerRefusedError)
  })

  it('of any bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(25, 43), fc.uint8Array({ maxLength: 64 }), (type, payload) => {
        const outcome = attempt(() => readSignable({ communityId, type, payload }))
        expect(outcome === undefined || outcome instanceof SignerRefusedError).toBe(true)
      }),
    )
  })
})

/** What it throws. */
function attempt(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
