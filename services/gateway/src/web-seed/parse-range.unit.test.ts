import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRange } from './parse-range.ts'

const ranges = (...all: [number, number][]): object => ({
  kind: 'ranges',
  ranges: all.map(([offsetBytes, sizeBytes]) => ({ offsetBytes, sizeBytes })),
})

describe('parseRange', () => {
  it('takes first and last byte, an open end, and the last bytes', () => {
    expect(parseRange('bytes=0-0', 10)).toEqual(ranges([0, 1]))
    expect(parseRange('bytes=2-5', 10)).toEqual(ranges([2, 4]))
    expect(parseRange('bytes=2-', 10)).toEqual(ranges([2, 8]))
    expect(parseRange('Bytes=-3', 10)).toEqual(ranges([7, 3]))
  })

  it('cuts what reaches beyond the end, and leaves out what begins there', () => {
    expect(parseRange('bytes=8-99', 10)).toEqual(ranges([8, 2]))
    expect(parseRange('bytes=-99', 10)).toEqual(ranges([0, 10]))
    expect(parseRange('bytes=1-2, 10-12', 10)).toEqual(ranges([1, 2]))
  })

  it('takes several that go forward', () => {
    expect(parseRange('bytes=0-1, 4-5,-1', 10)).toEqual(ranges([0, 2], [4, 2], [9, 1]))
  })

  it('refuses what is not in the file', () => {
    for (const header of ['bytes=10-', 'bytes=10-12', 'bytes=-0', 'bytes=999999999999999-'])
      expect(parseRange(header, 10), header).toEqual({ kind: 'refused' })
    expect(parseRange('bytes=0-0', 0)).toEqual({ kind: 'refused' })
  })

  it('refuses ranges that overlap, go back, or are too many', () => {
    for (const header of ['bytes=0-4,2-6', 'bytes=4-5,0-1', 'bytes=0-,0-', `bytes=${'0-0,'.repeat(2_000)}0-0`])
      expect(parseRange(header, 10), header).toEqual({ kind: 'refused' })
    const nine = Array.from({ length: 9 }, (_, at) => `${at}-${at}`)
    expect(parseRange(`bytes=${nine.join(',')}`, 100)).toEqual({ kind: 'refused' })
    expect(parseRange(`bytes=${nine.slice(1).join(',')}`, 100)).toMatchObject({ kind: 'ranges' })
  })

  it('takes what is no range as if it were not there', () => {
    for (const header of [
      undefined,
      '',
      'bytes',
      'bytes=',
      'items=0-1',
      'bytes=5-2',
      'bytes=a-b',
      'bytes=1',
      'bytes=0-1;2',
    ])
      expect(parseRange(header, 10), header).toEqual({ kind: 'whole' })
  })

  it('answers nothing outside the file, whatever is asked', () => {
    const part = fc.oneof(fc.nat(30).map(String), fc.constantFrom('', '-', ',', ' ', '999999999999999'))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.nat(20), (parts, fileBytes) => {
        const answer = parseRange(`bytes=${parts.join('')}`, fileBytes)
        if (answer.kind !== 'ranges') return
        for (const { offsetBytes, sizeBytes } of answer.ranges) {
          expect(sizeBytes).toBeGreaterThan(0)
          expect(offsetBytes).toBeGreaterThanOrEqual(0)
          expect(offsetBytes + sizeBytes).toBeLessThanOrEqual(fileBytes)
        }
      }),
    )
  })
})
