import { messageHash, LiveQueue } from '@annals/waku'
import type { CarriedMessage } from '@annals/waku'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SettlingMessages } from './settling-messages.ts'

const settleMilliseconds = 100

function message(sentMilliseconds: number, payload = new Uint8Array(1)): CarriedMessage {
  const pubsubTopic = '/waku/2/rs/16/32'
  const timestampNanoseconds = BigInt(sentMilliseconds) * 1_000_000n
  const fields = { payload, contentTopic: 'topic', meta: new Uint8Array(), version: 1, isEphemeral: false }
  const carried = { ...fields, timestampNanoseconds }
  return { hash: messageHash(pubsubTopic, carried), pubsubTopic, message: carried }
}

const timeOf = (carried: CarriedMessage): number => Number(carried.message.timestampNanoseconds / 1_000_000n)

describe('SettlingMessages', () => {
  it('gives messages in the order of their times, whenever each comes within the time to settle', () => {
    const sendings = fc.uniqueArray(fc.record({ sent: fc.nat(1_000), lag: fc.nat(settleMilliseconds - 1) }), {
      selector: ({ sent }) => sent,
      maxLength: 60,
    })
    fc.assert(
      fc.property(sendings, (sent) => {
        const settling = new SettlingMessages(settleMilliseconds)
        const arrivals = Map.groupBy(sent, (each) => each.sent + each.lag)
        const given: number[] = []
        for (let now = 0; now < 1_300; now += 1) {
          for (const each of arrivals.get(now) ?? []) settling.add(message(each.sent), now)
          given.push(...settling.take(now).map(timeOf))
        }
        expect(given).toStrictEqual(sent.map((each) => each.sent).toSorted((one, other) => one - other))
        expect(settling.untilDue(1_300)).toBe(undefined)
      }),
    )
  })

  it('holds nothing back that is old, and nothing longer than to settle whatever its time', () => {
    const settling = new SettlingMessages(settleMilliseconds)
    settling.add(message(0), 5_000)
    expect(settling.take(5_000)).toHaveLength(1)
    settling.add(message(9_000_000), 5_000)
    expect(settling.untilDue(5_000)).toBe(settleMilliseconds)
    expect(settling.take(5_000 + settleMilliseconds)).toHaveLength(1)
  })
})

describe('LiveQueue', () => {
  it.for([
    { what: 'messages', count: 1_001, sizeBytes: 1 },
    { what: 'bytes', count: 9, sizeBytes: 1024 * 1024 },
  ])('forgets what it holds where it is too many $what, and says so', ({ count, sizeBytes }) => {
    const queue = new LiveQueue()
    for (let number = 0; number < count; number += 1) queue.push(message(number, new Uint8Array(sizeBytes)))
    expect(queue.take()).toStrictEqual([])
    expect(queue.takeLoss()).toBe(true)
    expect(queue.takeLoss()).toBe(false)
  })
})
