import { describe, expect, it } from 'vitest'
import { liveHistory, readHistory } from './support/live-history.ts'
import { realData } from './support/real-data.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { World } from './support/world.ts'

describe('real histories from end to end', () => {
  it('an IRC channel of twelve weeks: a member holds what went in', async (test) => {
    const { archives, messages } = await endToEnd(realData(test, 'duraspace-2011q4.ndjson'))
    expect({ archives, messages }).toStrictEqual({ archives: 12, messages: 2415 })
  })

  it('ten Discord channels of three years: a member holds what went in', async (test) => {
    const { archives, messages } = await endToEnd(realData(test, 'discord/pyscript'))
    expect(archives).toBeGreaterThan(100)
    expect(messages).toBeGreaterThan(2_900)
  })
})

async function endToEnd(path: string): Promise<{ archives: number; messages: number }> {
  const history = await readHistory(path)
  await using world = await World.create(history.sealAt)
  await using control = new RestartableNode(world, 'control')
  await using member = new RestartableNode(world, 'member')
  const outcome = await liveHistory(world, history, [control, member])
  expect(outcome.differences).toStrictEqual([])
  return { archives: outcome.memberArchives.length, messages: outcome.messages.member }
}
