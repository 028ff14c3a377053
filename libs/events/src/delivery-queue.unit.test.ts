import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeliveryQueue, type Waiting } from './delivery-queue.ts'

const event = (sequence: number, communityId: string): Waiting => ({
  sequence,
  communityId,
  attempts: 0,
  interrupted: 0,
})

/** Adds and finishes in any order, and checks the rules all along. */
function run(added: readonly string[], concurrency: number, choices: readonly boolean[]): void {
  const queue = new DeliveryQueue(concurrency)
  const started: Waiting[] = []
  const busy: string[] = []
  const toAdd = added.map((communityId, sequence) => event(sequence, communityId))
  const startAll = (): void => {
    for (const next of queue.startable()) {
      expect(busy).not.toContain(next.communityId)
      queue.start(next)
      busy.push(next.communityId)
      started.push(next)
    }
    expect(busy.length).toBeLessThanOrEqual(concurrency)
    expect(queue.busy).toBe(busy.length)
  }
  const finishOne = (): void => {
    const communityId = busy.shift()
    if (communityId !== undefined) queue.finish(communityId)
  }
  for (const finish of choices) {
    const next = finish ? undefined : toAdd.shift()
    if (next === undefined) finishOne()
    else queue.add(next)
    startAll()
  }
  for (const rest of toAdd) queue.add(rest)
  startAll()
  while (busy.length > 0) {
    finishOne()
    startAll()
  }
  expect(queue.size).toBe(0)
  expect(started).toHaveLength(added.length)
  for (const communityId of new Set(added)) {
    const own = started.filter((event) => event.communityId === communityId).map(({ sequence }) => sequence)
    expect(own).toStrictEqual(own.toSorted((a, b) => a - b))
  }
}

describe('DeliveryQueue', () => {
  it('gives each community its turn', () => {
    const queue = new DeliveryQueue(1)
    for (const [sequence, communityId] of ['a', 'a', 'b', 'b'].entries()) queue.add(event(sequence, communityId))
    const order: number[] = []
    for (let [next] = queue.startable(); next !== undefined; [next] = queue.startable()) {
      queue.start(next)
      order.push(next.sequence)
      queue.finish(next.communityId)
    }
    expect(order).toStrictEqual([0, 2, 1, 3])
  })

  it('never has two events of a community or too many at once with the handler, and loses none', () => {
    const communities = fc.constantFrom('a', 'b', 'c', 'd')
    const finishOrTake = fc.array(fc.boolean(), { maxLength: 80 })
    fc.assert(fc.property(fc.array(communities, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), finishOrTake, run))
  })
})
