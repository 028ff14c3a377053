import {
  ApplicationMetadataMessage,
  ApplicationMetadataMessage_Type,
  CommunityMessageArchiveMagnetlink,
} from '@annals/proto/status/v1/application'
import { ProtocolMessage } from '@annals/proto/status/v1/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chatId,
  communityIdOfPrivateKey,
  CryptoError,
  decodeMagnetMessage,
  EncryptedMessageError,
  encodeMagnetMessage,
  fromHex,
  InvalidClockError,
  InvalidCommunityIdError,
  InvalidHexError,
  InvalidMessageBytesError,
  InvalidPrivateKeyError,
  InvalidPublicKeyError,
  InvalidSignatureError,
  keccak256,
  magnetMessageType,
  maxMessageBytes,
  parseCommunityId,
  prepareManySignatures,
  privateKeyFromRandom,
  recover,
  sign,
  toHex,
  uncompressPublicKey,
  UnexpectedMessageTypeError,
  unwrapApplicationMessage,
  wrapApplicationMessage,
  WrongLengthError,
  compressedPublicKey,
} from './index.ts'

const privateKey = privateKeyFromRandom(new Uint8Array(48).fill(7))
const communityId = communityIdOfPrivateKey(privateKey)
const message = { privateKey, clockMilliseconds: 1_704_067_200_789, magnetLink: 'magnet:?xt=urn:btih:00' }
const hash = keccak256(Uint8Array.of(1, 2, 3))

describe('signatures', () => {
  it('are the same for the same hash and name the signer', () => {
    const signature = sign(privateKey, hash)
    expect(signature).toHaveLength(65)
    expect(sign(privateKey, hash)).toEqual(signature)
    expect(toHex(recover(signature, hash))).toBe(communityId)
  })

  it('are the same before and after preparing for many', () => {
    const before = sign(privateKey, hash)
    prepareManySignatures()
    expect(sign(privateKey, hash)).toEqual(before)
  })

  it('are taken with V as 27 or 28 too, and with no other V', () => {
    const signature = sign(privateKey, hash)
    const withV = (v: number): Uint8Array => Uint8Array.of(...signature.subarray(0, 64), v)
    expect(toHex(recover(withV(signature[64]! + 27), hash))).toBe(communityId)
    for (const v of [2, 3, 26, 29, 255]) expect(() => recover(withV(v), hash)).toThrow(InvalidSignatureError)
  })

  it('that no key can have made are refused with a typed error', () => {
    for (const signature of [new Uint8Array(65), new Uint8Array(65).fill(255, 0, 64), new Uint8Array(64)])
      expect(() => recover(signature, hash)).toThrow(InvalidSignatureError)
    expect(() => recover(new Uint8Array(65), new Uint8Array(31))).toThrow(WrongLengthError)
  })

  it('need a private key and a hash', () => {
    expect(() => sign(new Uint8Array(32), hash)).toThrow(InvalidPrivateKeyError)
    expect(() => sign(new Uint8Array(31).fill(1), hash)).toThrow(InvalidPrivateKeyError)
    expect(() => sign(privateKey, new Uint8Array(20))).toThrow(WrongLengthError)
  })

  it('of any bytes give a key or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.constantFrom(0, 1, 27, 28), (rs, v) => {
        expect(() => valueOf(() => recover(Uint8Array.of(...rs, v), hash))).not.toThrow()
      }),
      { numRuns: 50 },
    )
  })
})

describe('community ids', () => {
  it('must be lower-case hex of a compressed point', () => {
    expect(toHex(parseCommunityId(communityId))).toBe(communityId)
    const offCurve = `0x02${'0'.repeat(63)}5`
    for (const text of ['', communityId.slice(2), communityId.toUpperCase(), `${communityId}00`, '0x04', offCurve])
      expect(() => parseCommunityId(text)).toThrow(InvalidCommunityIdError)
  })

  it('stand at the beginning of chat ids', () => {
    expect(chatId(communityId, 'abc')).toBe(`${communityId}abc`)
  })
})

describe('keys and hex', () => {
  it('refuse what is none', () => {
    expect(() => privateKeyFromRandom(new Uint8Array(32))).toThrow(WrongLengthError)
    expect(() => compressedPublicKey(new Uint8Array(32).fill(255))).toThrow(InvalidPrivateKeyError)
    expect(() => uncompressPublicKey(new Uint8Array(33))).toThrow(InvalidPublicKeyError)
    for (const text of ['0x0', 'xy', '0x0g', '0X00']) expect(() => fromHex(text)).toThrow(InvalidHexError)
  })

  it('hex goes both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
      }),
    )
  })
})

describe('signed messages', () => {
  it('are the bytes that the generated code makes', () => {
    const payload = CommunityMessageArchiveMagnetlink.encode({
      clock: message.clockMilliseconds,
      magnetUri: message.magnetLink,
    }).finish()
    const type = ApplicationMetadataMessage_Type.TYPE_COMMUNITY_MESSAGE_ARCHIVE_MAGNETLINK
    const signature = sign(privateKey, keccak256(payload))
    expect(type).toBe(magnetMessageType)
    expect(toHex(encodeMagnetMessage(message))).toBe(
      toHex(ApplicationMetadataMessage.encode({ signature, payload, type } as never).finish()),
    )
  })

  it('carry any type and payload, bare and inside a ProtocolMessage that the generated code makes', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.uint8Array(), fc.boolean(), (type, payload, wrapped) => {
        const bare = wrapApplicationMessage({ privateKey, type, payload })
        const bytes = wrapped ? ProtocolMessage.encode(publicMessage(bare)).finish() : bare
        expect(unwrapApplicationMessage(bytes)).toEqual({ type, payload, signer: compressedPublicKey(privateKey) })
      }),
      { numRuns: 20 },
    )
  })

  it('are read from a buffer that is used again, and do not change with it', () => {
    const buffer = Buffer.from(wrapApplicationMessage({ privateKey, type: 1, payload: Uint8Array.of(1, 2, 3) }))
    const { payload } = unwrapApplicationMessage(buffer)
    buffer.fill(0)
    expect(payload).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('of another type, and encrypted ones, have errors of their own, so that a reader ignores them', () => {
    const other = wrapApplicationMessage({ privateKey, type: 25, payload: new Uint8Array(0) })
    expect(() => decodeMagnetMessage(other)).toThrow(
      expect.objectContaining({ name: 'UnexpectedMessageTypeError', expected: 43, found: 25 }),
    )
    expect(() => decodeMagnetMessage(new Uint8Array(0))).toThrow(UnexpectedMessageTypeError)
    const encrypted = ProtocolMessage.encode({
      ...publicMessage(new Uint8Array(0)),
      encryptedMessage: { none: { payload: Buffer.of(1) } as never },
    }).finish()
    expect(() => decodeMagnetMessage(encrypted)).toThrow(EncryptedMessageError)
  })

  it('with a changed payload name another signer or none', () => {
    const bytes = encodeMagnetMessage(message)
    bytes[bytes.length - 4]! ^= 1
    const signer = valueOf(() => decodeMagnetMessage(bytes).communityId)
    expect(signer).not.toBe(communityId)
  })

  it('without a signature, a link, or with a clock above 2^53 - 1 are refused', () => {
    const magnetUri = 'magnet:?'
    const unsigned = CommunityMessageArchiveMagnetlink.encode({ clock: 1, magnetUri }).finish()
    expect(() => decodeMagnetMessage(wrap(unsigned, new Uint8Array(0)))).toThrow(InvalidSignatureError)
    const linkless = CommunityMessageArchiveMagnetlink.encode({ clock: 1, magnetUri: '' }).finish()
    expect(() => decodeMagnetMessage(wrap(linkless))).toThrow(InvalidMessageBytesError)
    const late = Uint8Array.of(0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0x12, 1, 65)
    expect(() => decodeMagnetMessage(wrap(late))).toThrow(InvalidMessageBytesError)
    expect(() => encodeMagnetMessage({ ...message, clockMilliseconds: -1 })).toThrow(InvalidClockError)
  })

  it('that are too long are not looked at', () => {
    expect(() => decodeMagnetMessage(new Uint8Array(maxMessageBytes + 1))).toThrow(InvalidMessageBytesError)
  })

  it('of any bytes, or of a message with bytes changed, give a value or a typed error', () => {
    const bytes = ProtocolMessage.encode(publicMessage(encodeMagnetMessage(message))).finish()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(() => valueOf(() => decodeMagnetMessage(noise))).not.toThrow()
      }),
    )
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, byte, length) => {
        const changed = bytes.slice(0, length)
        if (at < length) changed[at] = byte
        expect(() => valueOf(() => decodeMagnetMessage(changed))).not.toThrow()
      }),
      { numRuns: 200 },
    )
  })
})

function wrap(payload: Uint8Array, signature = sign(privateKey, keccak256(payload))): Uint8Array {
  return ApplicationMetadataMessage.encode({ signature, payload, type: 43 } as never).finish()
}

function publicMessage(bytes: Uint8Array): ProtocolMessage {
  return { installationId: '', bundles: [], encryptedMessage: {}, publicMessage: Buffer.from(bytes) }
}

/** Typed errors are answers too; anything else is a defect and comes through. */
function valueOf<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}
