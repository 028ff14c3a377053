import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PendingWindows } from './pending-windows.ts'

const pageRows = 10

interface Row {
  readonly timestamp: number
  readonly key: string
}

function inOrder(timestamps: readonly number[]): Row[] {
  return timestamps
    .toSorted((a, b) => a - b)
    .map((timestamp, index) => ({ timestamp, key: String(index).padStart(6, '0') }))
}

/** Reads as the store does; answers what was read and how many rows each query had to sort. */
function readAll(rows: readonly Row[], end: number): { readonly read: Row[]; readonly sorted: number[] } {
  const windows = new PendingWindows(end)
  const read: Row[] = []
  const sorted: number[] = []
  for (let window = windows.next(); window !== undefined; window = windows.next()) {
    const { from, to, afterKey = '' } = window
    const found = rows.filter(({ timestamp, key }) => timestamp >= from && timestamp < to && key > afterKey)
    sorted.push(found.length)
    const page = found.slice(0, pageRows)
    read.push(...page)
    const [first, last] = [page[0], page.at(-1)]
    if (page.length === pageRows && first !== undefined && last !== undefined) windows.tookPart(first.timestamp, last)
    else windows.tookAll()
  }
  return { read, sorted }
}

describe('windows over what is pending', () => {
  it('give everything before the end once and in order, wherever it stands', () => {
    const timestamp = fc.oneof(fc.nat(20), fc.nat(100_000), fc.nat(Number.MAX_SAFE_INTEGER))
    fc.assert(
      fc.property(fc.array(timestamp, { maxLength: 200 }), timestamp, (timestamps, end) => {
        const rows = inOrder(timestamps)
        expect(readAll(rows, end).read).toStrictEqual(rows.filter((row) => row.timestamp < end))
      }),
    )
  })

  it('ask for everything once, and then for about a page', () => {
    const rows = inOrder(Array.from({ length: 5000 }, (_, index) => 1_700_000_000 + index * 3))
    const { sorted } = readAll(rows, 2_000_000_000)
    expect(sorted[0]).toBe(5000)
    expect(Math.max(...sorted.slice(1))).toBeLessThanOrEqual(8 * pageRows)
  })

  it('are done after one question where a page holds everything', () => {
    expect(readAll(inOrder([1, 2, 3]), 100).sorted).toStrictEqual([3])
  })
})
