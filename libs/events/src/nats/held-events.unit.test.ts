import type { NatsLink } from '@annals/nats'
import { describe, expect, it } from 'vitest'
import { HeldEvents } from './held-events.ts'
import type { Delivered } from './pull-inbox.ts'

function delivered(deliveries: number, timeNanoseconds = 1n): Delivered {
  const subject = 'annals.events.ArchiveDue.community.token'
  const headers = { get: () => '' }
  return {
    sequence: 7,
    subject,
    deliveries,
    timeNanoseconds,
    headers,
    payload: new Uint8Array(3),
  } as unknown as Delivered
}

describe('events that are held', () => {
  it('take a delivery of what is here already as its newest one, and hand it on once', () => {
    const held = new HeldEvents({} as NatsLink, 'stream')
    const first = held.take(delivered(1))
    expect(held.take(delivered(2))).toBeUndefined()
    expect(first?.message.deliveries).toBe(2)
    expect(held.size).toBe(1)
  })

  it('take a delivery that was asked for as another one, also before the word that it was taken back', () => {
    const held = new HeldEvents({} as NatsLink, 'stream')
    const first = held.take(delivered(1))
    if (first === undefined) throw new Error('it was not taken')
    first.state = 'returning'
    const second = held.take(delivered(2))
    expect(second).toMatchObject({ sequence: 7, state: 'held' })
    held.letGo(first)
    expect([...held]).toEqual([second])
    expect(held.bytes).toBe(3)
  })

  it('take another event at the same place in its stead', () => {
    const held = new HeldEvents({} as NatsLink, 'stream')
    const first = held.take(delivered(1, 1n))
    const second = held.take(delivered(1, 2n))
    expect(first?.state).toBe('void')
    expect([...held]).toEqual([second])
  })
})
