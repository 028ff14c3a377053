import { WakuMessageArchiveIndex, WakuMessageArchiveIndexMetadata } from '@annals/proto/status/v1/archive'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mutations, valueOrError } from '../testing/messages.ts'
import {
  ArchiveError,
  archiveId,
  ArchiveIdMismatchError,
  BeyondDataError,
  checkIndex,
  decodeIndex,
  encodeIndex,
  InvalidArchiveIdError,
  InvalidContentTopicError,
  InvalidEntryRangeError,
  InvalidPaddingError,
  LimitError,
  maxIndexEntries,
  MalformedWireError,
  MisalignedEntryError,
  MissingMetadataError,
  TruncatedError,
  UnsafeIntegerError,
  type ArchiveEntry,
} from './index.ts'

const P = 102_400

function entry(number: number, fields: Partial<ArchiveEntry> = {}): ArchiveEntry {
  const unnamed = {
    from: 1_000 + number,
    to: 1_001 + number,
    contentTopics: [Uint8Array.of(1, 2, 3, 4)],
    offsetBytes: number * P,
    sizeBytes: P,
    paddingBytes: 7,
    ...fields,
  }
  return { ...unnamed, id: archiveId(unnamed) }
}

const good = [entry(0), entry(1), entry(2)]
const dataBytes = 3 * P

/** An index entry of given value bytes, under the key that fits them. */
function rawEntry(value: Uint8Array, key = keyOf(value)): Uint8Array {
  const body = Buffer.concat([Buffer.of(0x0a, key.length), Buffer.from(key), Buffer.of(0x12, value.length), value])
  return Buffer.concat([Buffer.of(0x0a, body.length), body])
}

/** The id of bytes is that of the canonical entry they hold, where they are canonical. */
function keyOf(value: Uint8Array): string {
  const { metadata, offset, size, padding } = WakuMessageArchiveIndexMetadata.decode(value)
  return archiveId({
    from: metadata?.from ?? 0,
    to: metadata?.to ?? 0,
    contentTopics: metadata?.contentTopic ?? [],
    offsetBytes: offset,
    sizeBytes: size,
    paddingBytes: padding,
  })
}

/** The reason for which an entry is set aside when it stands between good ones, which are taken. */
function reasonFor(raw: Uint8Array): ArchiveError | undefined {
  const bytes = Buffer.concat([encodeIndex(good.slice(0, 1)), raw, encodeIndex(good.slice(1))])
  const { entries, rejected } = decodeIndex(bytes)
  expect(entries).toEqual(good)
  return rejected[0]?.reason
}

describe('encodeIndex', () => {
  it('gives equal bytes for equal entries in any order, and what the generated code reads', () => {
    const bytes = encodeIndex(good)
    expect(encodeIndex(good.toReversed())).toEqual(bytes)
    const generated = WakuMessageArchiveIndex.decode(bytes)
    expect(Object.keys(generated.archives)).toEqual(good.map(({ id }) => id))
    expect(Buffer.from(WakuMessageArchiveIndex.encode(generated).finish()).equals(bytes)).toBe(true)
  })

  it('and decodeIndex are inverse', () => {
    const time = fc.maxSafeNat().map((n) => Math.min(n, 2 ** 53 - 2))
    const anyEntry = fc.record({
      from: time,
      contentTopics: fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 5 }),
      offsetBytes: fc.maxSafeNat(),
      sizeBytes: fc.maxSafeNat(),
      paddingBytes: fc.maxSafeNat(),
    })
    fc.assert(
      fc.property(fc.uniqueArray(anyEntry, { selector: (e) => e.offsetBytes }), (fields) => {
        const entries = fields
          .map((e) => entry(0, { ...e, to: e.from + 1 }))
          .sort((a, b) => a.offsetBytes - b.offsetBytes)
        expect(decodeIndex(encodeIndex(entries))).toEqual({ entries, rejected: [] })
      }),
    )
  })
})

describe('decodeIndex', () => {
  it('reads an index without archives', () => {
    expect(decodeIndex(new Uint8Array(0))).toEqual({ entries: [], rejected: [] })
  })

  it('sets aside an entry without metadata', () => {
    const [{ id }] = [entry(3)]
    expect(reasonFor(Buffer.concat([Buffer.of(0x0a, 68, 0x0a, 66), Buffer.from(id)]))).toBeInstanceOf(
      MissingMetadataError,
    )
    const value = Uint8Array.of(0x20, 1)
    const mismatch = reasonFor(rawEntry(value))
    expect(mismatch).toBeInstanceOf(ArchiveIdMismatchError)
    const { computed } = mismatch as ArchiveIdMismatchError
    expect(reasonFor(rawEntry(value, computed))).toBeInstanceOf(MissingMetadataError)
  })

  it('sets aside an entry whose key is not the hash of its bytes, or no id at all', () => {
    const value = encodeIndex([entry(3)]).subarray(72)
    expect(reasonFor(rawEntry(value, entry(4).id))).toMatchObject({
      name: 'ArchiveIdMismatchError',
      id: entry(4).id,
      computed: entry(3).id,
    })
    expect(reasonFor(rawEntry(value, '../../data'))).toBeInstanceOf(InvalidArchiveIdError)
    expect(reasonFor(rawEntry(value, entry(3).id.toUpperCase()))).toBeInstanceOf(InvalidArchiveIdError)
  })

  it('sets aside an entry that cannot be read, and numbers above 2^53 - 1', () => {
    expect(reasonFor(Uint8Array.of(0x0a, 2, 0x0a, 5))).toBeInstanceOf(TruncatedError)
    const tooLarge = Uint8Array.of(0x18, ...new Uint8Array(7).fill(255), 0x7f)
    const { computed } = reasonFor(rawEntry(tooLarge, entry(9).id)) as ArchiveIdMismatchError
    expect(reasonFor(rawEntry(tooLarge, computed))).toBeInstanceOf(UnsafeIntegerError)
  })

  it('sets aside an entry with two values, which would be merged, as no bytes are what its key is the hash of', () => {
    const value = encodeIndex([entry(3)]).subarray(72)
    const once = rawEntry(value).subarray(2)
    const twice = Buffer.concat([once, Buffer.of(0x12, value.length), value])
    expect(reasonFor(Buffer.concat([Buffer.of(0x0a, twice.length), twice]))).toBeInstanceOf(MalformedWireError)
  })

  it('sets aside an entry with a range that holds nothing, or with a topic that is none', () => {
    expect(reasonFor(encodeIndex([entry(3, { from: 5, to: 5 })]))).toBeInstanceOf(InvalidEntryRangeError)
    expect(reasonFor(encodeIndex([entry(3, { contentTopics: [new Uint8Array(3)] })]))).toBeInstanceOf(
      InvalidContentTopicError,
    )
  })

  it('is an error as a whole where its frame is broken or cut', () => {
    const bytes = encodeIndex(good)
    expect(() => decodeIndex(bytes.subarray(0, bytes.length - 1))).toThrow(TruncatedError)
    expect(() => decodeIndex(Uint8Array.of(0))).toThrow(MalformedWireError)
  })

  it('takes the later of two entries with one key, and of a key once', () => {
    expect(decodeIndex(Buffer.concat([encodeIndex(good), encodeIndex(good)])).entries).toEqual(good)
  })

  it('keeps equal topics once, and bounds entries and different topics', () => {
    const { entries } = decodeIndex(encodeIndex(good))
    expect(entries[0]?.contentTopics[0]).toBe(entries[2]?.contentTopics[0])
    const empty = new Uint8Array(2 * (maxIndexEntries + 1)).map((_, i) => (i % 2 === 0 ? 0x0a : 0))
    expect(() => decodeIndex(empty)).toThrow(LimitError)
    const topics = Array.from({ length: 65_537 }, (_, i) => Uint8Array.of(0, i >> 16, i >> 8, i))
    const { rejected } = decodeIndex(encodeIndex([entry(0, { contentTopics: topics })]))
    expect(rejected[0]?.reason).toBeInstanceOf(LimitError)
  })

  it('of any bytes gives a value or a typed error, and checkIndex lets nothing outside data pass', () => {
    const bytes = encodeIndex(good)
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), mutations(bytes)), (mutated) => {
        const index = valueOrError(() => decodeIndex(mutated))
        const { entries } = checkIndex(index instanceof ArchiveError ? [] : index.entries, dataBytes)
        for (const e of entries) expect(e.offsetBytes + e.sizeBytes).toBeLessThanOrEqual(dataBytes)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** The reason for which an entry is set aside beside good ones, which stay. */
function reasonOf(bad: ArchiveEntry): ArchiveError | undefined {
  const { entries, rejected } = checkIndex([bad, ...good.slice(0, 2)], dataBytes)
  expect(entries).toEqual(good.slice(0, 2))
  expect(rejected).toMatchObject([{ key: bad.id }])
  return rejected[0]?.reason
}

describe('checkIndex', () => {
  it('gives entries by ascending offset', () => {
    expect(checkIndex(good.toReversed(), dataBytes)).toEqual({ entries: good, rejected: [] })
  })

  it('sets aside an entry with more padding than bytes', () => {
    expect(reasonOf(entry(2, { paddingBytes: P + 1 }))).toBeInstanceOf(InvalidPaddingError)
    expect(reasonOf(entry(2, { paddingBytes: P }))).toBeInstanceOf(InvalidPaddingError)
  })

  it('sets aside an entry with an offset or end past the end of data', () => {
    expect(reasonOf(entry(3))).toBeInstanceOf(BeyondDataError)
    expect(reasonOf(entry(2, { sizeBytes: 2 * P }))).toBeInstanceOf(BeyondDataError)
    const far = Math.floor(Number.MAX_SAFE_INTEGER / P) * P
    expect(reasonOf(entry(2, { offsetBytes: far, sizeBytes: far }))).toBeInstanceOf(BeyondDataError)
  })

  it('sets aside an entry that does not start and end where pieces do', () => {
    for (const fields of [{ offsetBytes: 2 * P + 1 }, { sizeBytes: P - 1 }, { sizeBytes: 0 }, { sizeBytes: -P }])
      expect(reasonOf(entry(2, fields))).toBeInstanceOf(MisalignedEntryError)
  })

  it('sets aside an entry on bytes that another has', () => {
    const wide = entry(0, { sizeBytes: 2 * P })
    const { entries, rejected } = checkIndex([entry(2), entry(1), wide], dataBytes)
    expect(entries).toEqual([wide, entry(2)])
    expect(rejected).toMatchObject([{ key: entry(1).id, reason: { name: 'OverlapError', otherId: wide.id } }])
  })

  it('sets aside an archive that is larger than any can be', () => {
    const huge = entry(0, { sizeBytes: 4_000 * P })
    expect(checkIndex([huge], 4_000 * P).rejected[0]?.reason).toBeInstanceOf(LimitError)
  })
})
