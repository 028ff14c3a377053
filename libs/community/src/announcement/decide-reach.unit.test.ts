import { describe, expect, it } from 'vitest'
import type { Reach, SaidReach } from './decide-reach.ts'
import { decideReach, isUnreachable } from './decide-reach.ts'

const beat = { beatSeconds: 1_000, chance: 0.5 }

interface Story {
  readonly reach: Reach
  /** What was said, by the number of the look. */
  readonly news: readonly (readonly [look: number, reachable: boolean])[]
  readonly pauses: readonly number[]
}

/** Looks one second apart, from 1 on: at a torrent, and how each of them ended. */
function look(...looks: readonly (readonly [infoHash: string, failure?: string])[]): Story {
  let reach: Reach = { failures: 0 }
  let said: SaidReach | undefined
  const news: [number, boolean][] = []
  const pauses: number[] = []
  for (const [at, [infoHash, failure]] of looks.entries()) {
    const decision = decideReach({ ...reach, said }, { infoHash, failure }, at + 1, beat)
    reach = decision.reach
    pauses.push(decision.inSeconds)
    if (!decision.news) continue
    said = { infoHash, reachable: failure === undefined }
    news.push([at + 1, said.reachable])
  }
  return { reach, news, pauses }
}

const good = ['a'] as const
const bad = ['a', 'no-peers'] as const

describe('decideReach', () => {
  it('says the first result, and then only what changes', () => {
    expect(look(good, good, good)).toEqual({
      reach: { fetchedAt: 3, failures: 0 },
      news: [[1, true]],
      pauses: [1_000, 1_000, 1_000],
    })
  })

  it('says that it is out of reach only after two looks in a row', () => {
    const story = look(good, bad, good, bad, ['a', 'no-index'], bad)
    expect(story.news).toEqual([
      [1, true],
      [5, false],
    ])
    expect(story.reach).toEqual({ fetchedAt: 3, failures: 3, failedSince: 4, failure: 'no-peers' })
    expect(look(bad).news).toEqual([])
    expect([0, 1, 2, 3].map((failures) => isUnreachable({ failures }))).toEqual([false, false, true, true])
  })

  it('says at once that it is within reach again, and forgets how it failed', () => {
    const { reach, news } = look(bad, bad, good)
    expect(news).toEqual([
      [2, false],
      [3, true],
    ])
    expect(reach).toEqual({ fetchedAt: 3, failures: 0 })
  })

  it('says it of each torrent, and knows of a new one what it knew of the one before', () => {
    expect(look(good, ['b'], ['b']).news).toEqual([
      [1, true],
      [2, true],
    ])
    expect(look(bad, bad, ['b', 'no-peers']).news).toEqual([
      [2, false],
      [3, false],
    ])
  })

  it('looks sooner after a failure, and then ever later, up to the beat', () => {
    expect(look(bad, bad, bad, bad, bad, good).pauses).toEqual([180, 360, 720, 1_000, 1_000, 1_000])
    const often = decideReach({ failures: 0 }, { infoHash: 'a', failure: 'no-peers' }, 1, {
      beatSeconds: 1,
      chance: 0.5,
    })
    expect(often.inSeconds).toBe(1)
  })

  it('spreads what came together', () => {
    const pauses = [0, 1].map(
      (chance) =>
        decideReach({ failures: 0 }, { infoHash: 'a', failure: undefined }, 1, { beatSeconds: 100, chance }).inSeconds,
    )
    expect(pauses).toEqual([75, 125])
  })
})
