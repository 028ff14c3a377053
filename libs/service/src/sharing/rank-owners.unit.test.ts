import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rankOwners } from './rank-owners.ts'

const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 8 })

describe('rankOwners', () => {
  it('names as many different members as asked for, or all', () => {
    fc.assert(
      fc.property(fc.string(), members, fc.integer({ min: 1, max: 10 }), (key, all, count) => {
        const owners = rankOwners(key, all, count)
        expect(new Set(owners).size).toBe(Math.min(count, all.length))
        expect(all).toEqual(expect.arrayContaining(owners))
      }),
    )
  })

  it('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(fc.string(), members, (key, all) => {
        expect(rankOwners(key, all.toReversed(), 1)).toEqual(rankOwners(key, all, 1))
      }),
    )
  })

  it('moves only the keys of a member that goes', () => {
    fc.assert(
      fc.property(fc.string(), members, fc.integer({ min: 1, max: 3 }), (key, all, count) => {
        const [gone, ...rest] = all
        const before = rankOwners(key, all, count)
        const after = rankOwners(key, rest, count)
        if (gone === undefined || before.includes(gone)) return
        expect(after.toSorted()).toEqual(before.toSorted())
      }),
    )
  })

  it('gives each of four members about a quarter of a thousand keys', () => {
    const all = ['a', 'b', 'c', 'd']
    const owned = new Map(all.map((member) => [member, 0]))
    for (let key = 0; key < 1_000; key += 1)
      for (const owner of rankOwners(`community ${key}`, all, 1)) owned.set(owner, (owned.get(owner) ?? 0) + 1)
    for (const count of owned.values()) expect(Math.abs(count - 250)).toBeLessThan(60)
  })
})
