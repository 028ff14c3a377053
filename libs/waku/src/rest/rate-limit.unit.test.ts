import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimit } from './rate-limit.ts'

describe('RateLimit', () => {
  it('lets no more through in any second than a second of them and a burst of as many', () => {
    const gaps = fc.array(fc.nat(300), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 50 }), (gapsMilliseconds, perSecond) => {
        let now = 0
        const limit = new RateLimit(perSecond, () => now)
        const wentAt = gapsMilliseconds.map((gap) => {
          now += gap
          return now + limit.reserve()
        })
        for (const [index, from] of wentAt.entries()) {
          const within = wentAt.slice(index).filter((at) => at < from + 1_000)
          expect(within.length).toBeLessThanOrEqual(2 * perSecond + 1)
        }
        expect(wentAt).toStrictEqual(wentAt.toSorted((one, other) => one - other))
      }),
    )
  })

  it('lets nothing through while the node asked to be left alone', () => {
    const limit = new RateLimit(10, () => 0)
    limit.hold(5_000)
    expect(limit.reserve()).toBeGreaterThanOrEqual(5_000)
  })
})
