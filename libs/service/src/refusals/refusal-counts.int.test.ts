import type { StateStore } from '@annals/storage'
import { refusals } from '@annals/storage'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { openTestNode } from '../testing/open-test-node.ts'
import type { Refusal } from './refusal-counts.ts'
import { RefusalCounts } from './refusal-counts.ts'

const log = pino({ level: 'silent' })
const forged: Refusal = { communityId: '0x02aa', what: 'announcement', reason: 'wrong-signer' }

async function rowOf(state: StateStore) {
  return state.collection(refusals).get('0x02aa/announcement')
}

describe('what is refused', () => {
  it('is counted by reason with the time of the last one, and adds to what others counted', async () => {
    await using node = await openTestNode()
    const { state } = node.context
    await using here = new RefusalCounts(state, log)
    await using elsewhere = new RefusalCounts(state, log)
    here.count(forged)
    here.count({ ...forged, reason: 'old-clock', times: 3 })
    await here.flush()
    elsewhere.count(forged)
    await elsewhere.flush()
    const { reasons } = (await rowOf(state))?.value ?? {}
    expect(reasons).toMatchObject({ 'wrong-signer': { count: 2 }, 'old-clock': { count: 3 } })
    expect(reasons?.['wrong-signer']?.lastAt).toBeGreaterThan(1_700_000_000)
  })

  it('in a flood costs one write for all of it', async () => {
    await using node = await openTestNode()
    const { state } = node.context
    await using counts = new RefusalCounts(state, log)
    for (let sent = 0; sent < 10_000; sent++) counts.count(forged)
    await counts.flush()
    for (let sent = 0; sent < 10_000; sent++) counts.count(forged)
    await counts[Symbol.asyncDispose]()
    expect(await rowOf(state)).toMatchObject({ version: 2, value: { reasons: { 'wrong-signer': { count: 20_000 } } } })
  })

  it('is kept for the next time where it cannot be written', async () => {
    await using node = await openTestNode()
    const { state } = node.context
    let isAway = true
    const failing: StateStore = {
      ...state,
      collection(definition) {
        if (isAway) throw new Error('the store is away')
        return state.collection(definition)
      },
    }
    await using counts = new RefusalCounts(failing, log)
    counts.count(forged)
    await counts.flush()
    isAway = false
    counts.count(forged)
    await counts.flush()
    expect((await rowOf(state))?.value.reasons).toMatchObject({ 'wrong-signer': { count: 2 } })
  })

  it('is told at once to whoever counts elsewhere', async () => {
    await using node = await openTestNode()
    const told: Refusal[] = []
    await using counts = new RefusalCounts(node.context.state, log, (refusal) => told.push(refusal))
    counts.count(forged)
    expect(told).toEqual([forged])
  })
})
