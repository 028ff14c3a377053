import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BeyondRangeError, InvalidMessageError, InvalidRangeError, partitionOf } from './index.ts'

const range = { from: 1_000, to: 1_250, intervalSeconds: 100 }

describe('partitionOf', () => {
  it('makes a regular grid from the start of the range, the last partition cut at its end', () => {
    expect(partitionOf(range, 1_000)).toEqual({ from: 1_000, to: 1_100 })
    expect(partitionOf(range, 1_099)).toEqual({ from: 1_000, to: 1_100 })
    expect(partitionOf(range, 1_100)).toEqual({ from: 1_100, to: 1_200 })
    expect(partitionOf(range, 1_249)).toEqual({ from: 1_200, to: 1_250 })
  })

  it('continues the grid backwards for late messages, but not below 0', () => {
    expect(partitionOf(range, 999)).toEqual({ from: 900, to: 1_000 })
    expect(partitionOf(range, 900)).toEqual({ from: 900, to: 1_000 })
    expect(partitionOf(range, 899)).toEqual({ from: 800, to: 900 })
    expect(partitionOf({ ...range, from: 1_050 }, 20)).toEqual({ from: 0, to: 50 })
  })

  it('refuses messages from the end of the range on', () => {
    expect(() => partitionOf(range, 1_250)).toThrow(BeyondRangeError)
    expect(() => partitionOf({ ...range, to: 1_000 }, 1_000)).toThrow(BeyondRangeError)
  })

  it('refuses what is no range and no time', () => {
    for (const bad of [{ intervalSeconds: 0 }, { intervalSeconds: 0.5 }, { to: 999 }, { from: -1 }, { to: Infinity }])
      expect(() => partitionOf({ ...range, ...bad }, 1_000)).toThrow(InvalidRangeError)
    for (const timestamp of [-1, 1.5, Number.NaN, 2 ** 53])
      expect(() => partitionOf(range, timestamp)).toThrow(InvalidMessageError)
  })

  it('gives partitions that hold their moment, are at most one interval long and meet without overlap', () => {
    const time = fc.nat(10_000)
    fc.assert(
      fc.property(time, time, fc.integer({ min: 1, max: 700 }), time, (from, length, intervalSeconds, timestamp) => {
        const range = { from, to: from + length + 1, intervalSeconds }
        fc.pre(timestamp < range.to)
        const partition = partitionOf(range, timestamp)
        expect(partition.from).toBeLessThanOrEqual(timestamp)
        expect(partition.to).toBeGreaterThan(timestamp)
        expect(partition.to - partition.from).toBeLessThanOrEqual(intervalSeconds)
        expect(partitionOf(range, partition.from)).toEqual(partition)
        expect(partitionOf(range, partition.to - 1)).toEqual(partition)
      }),
    )
  })
})
