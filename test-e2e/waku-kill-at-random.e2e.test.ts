import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { violationsOf } from './support/waku-violations.ts'
import { runWakuKills } from './support/run-waku-kills.ts'

const wanted = 20

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

describe('kill -9 at random moments of a history over Waku', () => {
  it(`loses, doubles and changes nothing in ${wanted} kills of nodes and Waku nodes`, async (test) => {
    const seed = Date.now() % 1_000_000
    const { outcome, kills } = await startOrSkip(test, () => runWakuKills({ kills: wanted, seed }))
    expect(kills, `seed ${seed}`).toBeGreaterThanOrEqual(wanted)
    expect(violationsOf(outcome), `seed ${seed}`).toStrictEqual([])
  }, 900_000)
})
