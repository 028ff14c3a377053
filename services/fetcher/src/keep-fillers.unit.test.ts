import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gapsBetween } from './keep-fillers.ts'

describe('gapsBetween', () => {
  it('covers with the entries every byte, and none twice', () => {
    const entry = fc.record({ offsetBytes: fc.nat(50), sizeBytes: fc.integer({ min: 1, max: 20 }) })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        const dataBytes = Math.max(60, ...entries.map(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes))
        const covered = Array.from({ length: dataBytes }, () => 0)
        const cover = ({ offsetBytes, sizeBytes }: { offsetBytes: number; sizeBytes: number }, by: number): void => {
          for (let at = offsetBytes; at < offsetBytes + sizeBytes; at += 1) covered[at] = (covered[at] ?? 0) + by
        }
        for (const gap of gapsBetween(entries, dataBytes)) cover(gap, 100)
        for (const one of entries) cover(one, 1)
        expect(covered.every((count) => count === 100 || (count > 0 && count < 100))).toBe(true)
      }),
    )
  })
})
