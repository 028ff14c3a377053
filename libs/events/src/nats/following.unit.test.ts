import type { Delivered } from './pull-inbox.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Following } from './following.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Gives a message every so often, so many of them, and then none any more. */
function slowReader(count: number, everyMilliseconds: number) {
  let sequence = 0
  return {
    async next(): Promise<Delivered> {
      if (sequence === count) return new Promise(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, everyMilliseconds))
      sequence += 1
      return { sequence, subject: 'other', payload: new Uint8Array(), headers: undefined } as unknown as Delivered
    },
    [Symbol.dispose]: () => undefined,
  }
}

it('waits for a position that is far ahead as long as it comes nearer', async () => {
  using following = new Following(slowReader(10, 4_000), 0)
  void following.run(() => false)
  const reached = following.reach(10)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await reached).toBe(true)
})

it('gives up a position where nothing comes by any more', async () => {
  using following = new Following(slowReader(3, 4_000), 0)
  void following.run(() => false)
  const reached = following.reach(10)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await reached).toBe(false)
  expect(following.position).toBe(3)
})
