import { describe, expect, it } from 'vitest'
import { crashControl, crashMember } from './support/crash-points.ts'

const timeout = 900_000
/** The long run has a crash before each effect. */
const every = 8

describe('a crash right before an effect of any handler', () => {
  it.for([
    { on: 'a control node: archives, announcements and messages are those', crash: crashControl },
    { on: 'a member: what it holds and serves is that', crash: crashMember },
  ])('on $on of a run without a crash', { timeout }, async ({ crash }) => {
    const seed = Date.now() % every
    const { effects, crashes, different } = await crash({ every, seed })
    expect(different, `seed ${seed}`).toStrictEqual([])
    expect(effects).toBeGreaterThan(20)
    expect(crashes).toBeGreaterThan(5)
  })
})
