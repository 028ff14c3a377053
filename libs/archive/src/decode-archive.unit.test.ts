import { WakuMessageArchive } from '@annals/proto/status/v1/archive'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, mutations, someMessage, valueOrError } from '../testing/messages.ts'
import {
  ArchiveError,
  decodeArchive,
  InvalidMessageError,
  InvalidTextError,
  LimitError,
  MalformedWireError,
  MissingMetadataError,
  sealArchives,
  sha1,
  TruncatedError,
  UnsafeIntegerError,
  type WakuMessage,
} from './index.ts'

const metadata = [0x12, 4, 0x10, 100, 0x18, 101]
const messages = [someMessage(100), someMessage(110, { thirdPartyId: 'é' }), someMessage(120)]

const encoded = async (given: readonly WakuMessage[] = messages): Promise<Uint8Array> => {
  const options = { from: 100, to: 200, intervalSeconds: 100, contentTopics: [], offsetBytes: 0, sha1 }
  const [sealed] = await collect(sealArchives([given], options))
  if (sealed?.kind !== 'archive') throw new Error('no archive was made')
  return sealed.encoded
}

/** An archive with a message of given bytes between two good ones. */
async function around(...bytes: number[]): Promise<Uint8Array> {
  const first = await encoded([someMessage(100)])
  const last = (await encoded([someMessage(120)])).subarray(first.indexOf(0x1a))
  return Uint8Array.of(...first, 0x1a, bytes.length, ...bytes, ...last)
}

const rejection = async (...bytes: number[]): Promise<unknown> => {
  const [before, message, after] = [...decodeArchive(await around(...bytes)).messages()]
  expect([before, after]).toMatchObject([{ timestamp: 100 }, { timestamp: 120 }])
  expect(message).toMatchObject({ position: 1 })
  return message !== undefined && 'rejected' in message ? message.rejected : undefined
}

const hashField = [0x32, 32, ...new Uint8Array(32)]
const topicField = [0x1a, 4, 1, 2, 3, 4]

describe('decodeArchive', () => {
  it('reads an archive without messages', () => {
    const archive = decodeArchive(Uint8Array.of(...metadata))
    expect(archive).toMatchObject({ messageCount: 0, metadata: { from: 100, to: 101, contentTopics: [] } })
    expect([...archive.messages()]).toEqual([])
  })

  it('gives an error for an archive that is cut anywhere: a read cut inside the last field is not taken as data, nor zeros for the rest', async () => {
    const whole = await encoded()
    const cuts = new Set<number>()
    for (let at = 0; at < whole.length; at++) {
      const answer = valueOrError(() => [...decodeArchive(whole.subarray(0, at)).messages()])
      if (answer instanceof TruncatedError || answer instanceof MissingMetadataError) continue
      // Where a message ends, what is before is an archive itself; nothing of the next one shows.
      cuts.add(at)
      expect(answer).toEqual(messages.slice(0, cuts.size - 1))
    }
    expect(cuts.size).toBe(messages.length)
  })

  it('does not take padding for data', async () => {
    expect(() => decodeArchive(Uint8Array.of(...metadata, 0, 0, 0))).toThrow(MalformedWireError)
  })

  it('needs metadata', () => {
    expect(() => decodeArchive(new Uint8Array(0))).toThrow(MissingMetadataError)
  })

  it('sets aside a message that cannot be read and goes on with the next', async () => {
    expect(await rejection(0x0a, 5, 1)).toBeInstanceOf(TruncatedError)
    expect(await rejection(0)).toBeInstanceOf(MalformedWireError)
    expect(await rejection(0x0f)).toBeInstanceOf(MalformedWireError)
    expect(await rejection(0x10, ...new Uint8Array(7).fill(255), 0x7f)).toBeInstanceOf(UnsafeIntegerError)
    expect(await rejection(0x10, ...new Uint8Array(9).fill(255), 2)).toBeInstanceOf(MalformedWireError)
    expect(await rejection(...hashField, ...topicField, 0x3a, 1, 0xff)).toBeInstanceOf(InvalidTextError)
  })

  it('sets aside a message without a hash or topic of the right length', async () => {
    expect(await rejection()).toMatchObject({ name: 'InvalidMessageError', field: 'topic', found: 0 })
    expect(await rejection(...topicField)).toMatchObject({ name: 'InvalidMessageError', field: 'hash', found: 0 })
    expect(await rejection(...hashField, 0x1a, 1, 1)).toBeInstanceOf(InvalidMessageError)
  })

  it('skips unknown fields, groups too, and takes the last of a field that comes twice', async () => {
    const unknown = [0x40, 1, 0x4a, 1, 1, 0x51, ...new Uint8Array(8), 0x5d, ...new Uint8Array(4)]
    const group = [0x63, 0x08, 1, 0x64]
    const wrongType = [0x20, 9]
    const twice = [0x10, 1, 0x10, 2]
    const bytes = await around(...unknown, ...group, ...wrongType, ...twice, ...hashField, ...topicField)
    const [, message] = [...decodeArchive(bytes).messages()]
    expect(message).toMatchObject({ timestamp: 2, payload: new Uint8Array(0) })
  })

  it('bounds what nests and what repeats', async () => {
    expect(await rejection(...new Uint8Array(100).fill(0x63))).toBeInstanceOf(MalformedWireError)
    const repeated = Array.from({ length: 17 }, () => metadata).flat()
    expect(() => decodeArchive(Uint8Array.from(repeated))).toThrow(LimitError)
    expect(() => decodeArchive(new Uint8Array(270_000_000))).toThrow(LimitError)
    const emptyMessages = new Uint8Array(2_000_002).map((_, i) => (i % 2 === 0 ? 0x1a : 0))
    expect(() => decodeArchive(emptyMessages)).toThrow(LimitError)
  })

  it('merges metadata that comes in parts', () => {
    const archive = decodeArchive(Uint8Array.of(0x12, 4, 0x10, 5, 0x22, 0, ...metadata.slice(0, 1), 2, 0x18, 9))
    expect(archive.metadata).toEqual({ from: 5, to: 9, contentTopics: [new Uint8Array(0)] })
  })

  it('gives copies on demand, also of a Buffer, and views otherwise', async () => {
    const bytes = Buffer.from(await encoded())
    const views = [...decodeArchive(bytes).messages()]
    const copies = [...decodeArchive(bytes, { copy: true }).messages()]
    expect(views).toEqual(messages)
    bytes.fill(0, 20)
    expect(copies).toEqual(messages)
    expect(views).not.toEqual(messages)
  })

  it('takes messages in any order', async () => {
    const given = messages.toReversed()
    expect([...decodeArchive(await encoded(given)).messages()]).toEqual(given)
  })

  it('of any bytes gives a value or a typed error, and no more messages than bytes', async () => {
    const good = await encoded()
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), mutations(good)), (bytes) => {
        const archive = valueOrError(() => decodeArchive(bytes))
        const read = archive instanceof ArchiveError ? [] : [...archive.messages()]
        expect(read.length).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 2_000 },
    )
  })

  it('reads what the generated code writes', () => {
    const archive = WakuMessageArchive.fromPartial({
      version: 7,
      metadata: { version: 3, from: 1, to: 2 ** 40, contentTopic: [Buffer.of(1, 2, 3, 4)] },
    })
    expect(decodeArchive(WakuMessageArchive.encode(archive).finish()).metadata).toEqual({
      from: 1,
      to: 2 ** 40,
      contentTopics: [Uint8Array.of(1, 2, 3, 4)],
    })
  })
})
