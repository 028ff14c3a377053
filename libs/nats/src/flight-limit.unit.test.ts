import { describe, expect, it } from 'vitest'
import { FlightLimit } from './flight-limit.ts'

describe('flight limit', () => {
  it('lets in so many messages and bytes at once, in the order in which they came', async () => {
    const limit = new FlightLimit({ messages: 2, bytes: 100 })
    const entered: string[] = []
    const enter = async (name: string, bytes: number): Promise<void> => {
      await limit.enter(bytes)
      entered.push(name)
    }
    const all = [enter('a', 60), enter('b', 60), enter('c', 10), enter('d', 10)]
    await all[0]
    expect(entered).toStrictEqual(['a'])
    limit.leave(60)
    await Promise.all(all.slice(0, 3))
    expect(entered).toStrictEqual(['a', 'b', 'c'])
    limit.leave(60)
    await all[3]
    expect(entered).toStrictEqual(['a', 'b', 'c', 'd'])
  })

  it('lets in alone what is larger than the limit', async () => {
    const limit = new FlightLimit({ messages: 2, bytes: 100 })
    await limit.enter(1000)
    const next = limit.enter(1)
    limit.leave(1000)
    await next
    expect(await limit.enter(1)).toBeUndefined()
  })
})
