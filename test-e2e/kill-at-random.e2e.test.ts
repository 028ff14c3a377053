import { describe, expect, it } from 'vitest'
import { runKills } from './support/run-kills.ts'

const kills = 50

describe('kill -9 at random moments', () => {
  it(`leaves, after ${kills} kills of control node and member, what a run without kills leaves`, async () => {
    const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
    const { disturbed, undisturbed, counted } = await runKills({ kills, seed })
    expect(counted, `seed ${seed}`).toBeGreaterThanOrEqual(kills)
    expect(disturbed, `seed ${seed}`).toStrictEqual(undisturbed)
  }, 900_000)
})
