import { hash } from 'node:crypto'
import { WakuMessageArchive, WakuMessageArchiveIndex } from '@annals/proto/status/v1/archive'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyMessage, collect, someMessage } from '../testing/messages.ts'
import {
  archiveId,
  BeyondRangeError,
  decodeArchive,
  encodeIndex,
  InvalidMessageError,
  InvalidOffsetError,
  maxArchiveMessageBytes,
  OutOfOrderError,
  paddedSizeBytes,
  pieceLengthBytes,
  sealArchives,
  sha1,
  type SealOptions,
  type Sealed,
  type WakuMessage,
} from './index.ts'

const contentTopics = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0, 0, 0, 0)]
const options: SealOptions = { from: 100, to: 400, intervalSeconds: 100, contentTopics, offsetBytes: 0, sha1 }

const seal = (messages: readonly WakuMessage[], changes: Partial<SealOptions> = {}): Promise<Sealed[]> =>
  collect(sealArchives([messages], { ...options, ...changes }))

/** Half of what fits into an archive, and some bytes more. */
const half = (number: number, more = 0): WakuMessage =>
  someMessage(number, { payload: new Uint8Array(maxArchiveMessageBytes / 2 - 65 + more) })

describe('sealArchives', () => {
  it('makes an archive for each partition that has messages, one behind the other', async () => {
    const sealed = await seal([someMessage(100), someMessage(199), someMessage(300)], { offsetBytes: 204_800 })
    expect(sealed).toMatchObject([
      { messages: 2, entry: { from: 100, to: 200, offsetBytes: 204_800, sizeBytes: 102_400 } },
      { messages: 1, entry: { from: 300, to: 400, offsetBytes: 307_200, sizeBytes: 102_400 } },
    ])
  })

  it('makes nothing of nothing', async () => {
    expect(await seal([])).toEqual([])
    expect(await collect(sealArchives([[], []], options))).toEqual([])
  })

  it('puts late messages, with a time before the range, into archives of their own, before the others', async () => {
    const sealed = await seal([someMessage(20), someMessage(99), someMessage(100)])
    expect(sealed).toMatchObject([
      { messages: 2, entry: { from: 0, to: 100 } },
      { messages: 1, entry: { from: 100, to: 200 } },
    ])
  })

  it('does not depend on how messages come in batches', async () => {
    const messages = Array.from({ length: 9 }, (_, i) => someMessage(100 + i * 33))
    const whole = await seal(messages)
    expect(
      await collect(
        sealArchives(
          messages.map((message) => [message]),
          options,
        ),
      ),
    ).toEqual(whole)
  })

  it('refuses a message of a partition that is closed', async () => {
    await expect(seal([someMessage(200), someMessage(199)])).rejects.toBeInstanceOf(OutOfOrderError)
  })

  it('refuses messages from the end of the range on, and such that no archive can hold', async () => {
    await expect(seal([someMessage(400)])).rejects.toBeInstanceOf(BeyondRangeError)
    await expect(seal([someMessage(100, { hash: new Uint8Array(31) })])).rejects.toBeInstanceOf(InvalidMessageError)
    await expect(seal([someMessage(100, { topic: new Uint8Array(5) })])).rejects.toBeInstanceOf(InvalidMessageError)
    await expect(seal([someMessage(100, { timestamp: 1.5 })])).rejects.toBeInstanceOf(InvalidMessageError)
  })

  it('refuses an offset where no piece starts', async () => {
    for (const offsetBytes of [1, -102_400, 102_401])
      await expect(seal([someMessage(100)], { offsetBytes })).rejects.toBeInstanceOf(InvalidOffsetError)
  })

  it('fills an archive with exactly 30,000,000 bytes of payload and sender, and leaves out and names what is larger', async () => {
    const large = someMessage(105, { payload: new Uint8Array(maxArchiveMessageBytes - 64) })
    const sealed = await seal([half(101), half(102), half(103), half(104, 1), large, someMessage(106)], {
      sha1: (bytes) => hash('sha1', bytes, 'buffer'),
    })
    expect(sealed).toMatchObject([
      { kind: 'archive', messages: 2 },
      { kind: 'archive', messages: 1 },
      { kind: 'left-out', message: { timestamp: 105, hash: large.hash }, sizeBytes: 30_000_001 },
      { kind: 'archive', messages: 2 },
    ])
  })

  it('leaves out a message whose uncounted bytes would fill the memory', async () => {
    // The bytes are never touched, so this array costs none.
    const message = someMessage(100, { padding: new Uint8Array(270_000_000) })
    expect(await seal([message, someMessage(101)])).toMatchObject([
      { kind: 'left-out', sizeBytes: 67 },
      { kind: 'archive', messages: 1 },
    ])
  })

  it('gives bytes that the generated code reads, ids and piece hashes that fit them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { maxLength: 20 }), async (messages) => {
        const range = { from: 0, to: Number.MAX_SAFE_INTEGER, intervalSeconds: Number.MAX_SAFE_INTEGER }
        const inRange = messages.filter((message) => message.timestamp < range.to)
        fc.pre(inRange.length > 0)
        const [sealed] = await seal(inRange, range)
        if (sealed?.kind !== 'archive') throw new Error('no archive was made')
        const { entry, encoded, pieceHashes } = sealed
        const generated = WakuMessageArchive.decode(encoded)
        expect(generated.messages.map(plain)).toEqual(inRange)
        expect(Buffer.from(WakuMessageArchive.encode(generated).finish()).equals(encoded)).toBe(true)
        expect([...decodeArchive(encoded).messages()]).toEqual(inRange)
        expect([...decodeArchive(encoded, { copy: true }).messages()]).toEqual(inRange)
        const padded = new Uint8Array(entry.sizeBytes)
        padded.set(encoded)
        const pieces = Array.from({ length: entry.sizeBytes / pieceLengthBytes }, (_, i) =>
          hash('sha1', padded.subarray(i * pieceLengthBytes, (i + 1) * pieceLengthBytes), 'buffer'),
        )
        expect(Buffer.concat(pieces).equals(pieceHashes)).toBe(true)
        expect(entry.sizeBytes).toBe(encoded.length + entry.paddingBytes)
        expect(entry.id).toBe(archiveId(entry))
        const index = WakuMessageArchiveIndex.decode(encodeIndex([entry]))
        expect(index.archives[entry.id]).toMatchObject({ size: entry.sizeBytes, padding: entry.paddingBytes })
      }),
      { numRuns: 60 },
    )
  })
})

describe('paddedSizeBytes', () => {
  it('is one piece up to a piece, and more than the bytes from there on', () => {
    expect([0, 1, 102_399, 102_400].map(paddedSizeBytes)).toEqual([102_400, 102_400, 102_400, 102_400])
    expect([102_401, 204_799].map(paddedSizeBytes)).toEqual([204_800, 204_800])
    expect([204_800, 204_801].map(paddedSizeBytes)).toEqual([307_200, 307_200])
  })
})

/** The generated code gives Buffers. */
function plain(message: WakuMessageArchive['messages'][number]): WakuMessage {
  const { sig, timestamp, topic, payload, padding, hash, thirdPartyId } = message
  const [a, b, c, d, e] = [sig, topic, payload, padding, hash].map((bytes) => Uint8Array.from(bytes))
  return { sig: a!, timestamp, topic: b!, payload: c!, padding: d!, hash: e!, thirdPartyId }
}
