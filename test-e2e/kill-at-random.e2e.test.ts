import { describe, expect, it } from 'vitest'
import { runKills } from './support/run-kills.ts'

/** The long run has 1,000. */
const wanted = 25

describe('kill -9 at random moments', () => {
  it(`leaves, after ${wanted} kills of control node and member, what a run without kills leaves`, async () => {
    const seed = Date.now() % 1_000_000
    const { disturbed, undisturbed, kills } = await runKills({ kills: wanted, seed })
    expect(kills, `seed ${seed}`).toBeGreaterThanOrEqual(wanted)
    expect(disturbed.differences, `seed ${seed}`).toStrictEqual([])
    expect(disturbed, `seed ${seed}`).toStrictEqual(undisturbed)
  }, 900_000)
})
