import type { EventBus, EventName } from '@annals/events'
import { due } from '@annals/events/testing'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { consumerDefaults } from '../consumer-defaults.ts'
import { openTestNode, privateKeyOf } from '../testing/index.ts'
import { ReassertingBus } from './reasserting-bus.ts'

const spec = { ...consumerDefaults, name: 'test', events: ['ArchiveDue'] as const satisfies EventName[] }
const community = Buffer.from(privateKeyOf(1)).toString('hex')

/** A bus that a test takes away and brings back. */
function interruptible(bus: EventBus): { readonly bus: EventBus; readonly reconnect: () => void } {
  const listeners = new Set<() => void>()
  const onReconnect = (listener: () => void): Disposable => {
    listeners.add(listener)
    return { [Symbol.dispose]: () => listeners.delete(listener) }
  }
  return {
    bus: new Proxy(bus, {
      get(_, key) {
        if (key === 'onReconnect') return onReconnect
        const value: unknown = Reflect.get(bus, key, bus)
        return typeof value === 'function' ? value.bind(bus) : value
      },
    }),
    reconnect: () => listeners.forEach((listener) => listener()),
  }
}

describe('ReassertingBus', () => {
  it('hands what happened lately to a consumer again when the bus is back, and goes on after a failure', async () => {
    await using node = await openTestNode()
    const { bus, reconnect } = interruptible(node.context.bus)
    const reasserting = new ReassertingBus(bus, pino({ level: 'silent' }))
    await reasserting.publish(due(community, 1), { timeMilliseconds: Date.now() - 86_400_000 })
    await reasserting.publish(due(community, 2))
    await reasserting.publish(due(community, 3))
    const seen: string[] = []
    const twiceDone = Promise.withResolvers<void>()
    await using consumption = await reasserting.consume(spec, async ({ id }) => {
      seen.push(id)
      if (seen.length === 5) twiceDone.resolve()
      if (seen.length === 4) throw new Error('fails when it comes again')
    })
    await consumption.idle()
    const [old, second, third] = [1, 2, 3].map((week) => due(community, week).id)
    expect(seen).toEqual([old, second, third])
    reconnect()
    await twiceDone.promise
    expect(seen.slice(3)).toEqual([second, third])
  })

  it('repeats nothing any more once it is drained', async () => {
    await using node = await openTestNode()
    const { bus, reconnect } = interruptible(node.context.bus)
    const reasserting = new ReassertingBus(bus, pino({ level: 'silent' }))
    await reasserting.publish(due(community, 1))
    let handled = 0
    const consumption = await reasserting.consume(spec, async () => {
      handled += 1
    })
    await consumption.idle()
    await consumption.drain()
    reconnect()
    await reasserting.lastSequence()
    expect(handled).toBe(1)
  })
})
