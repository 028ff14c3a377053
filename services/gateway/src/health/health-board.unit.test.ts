import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HealthBoard } from './health-board.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A board whose looks take so long each, and how many there were. */
function boardWith(costMilliseconds: number): { board: HealthBoard; looks: () => number } {
  let looks = 0
  const collect = async (): Promise<[]> => {
    looks += 1
    vi.advanceTimersByTime(costMilliseconds)
    return []
  }
  return { board: new HealthBoard(collect), looks: () => looks }
}

describe('the board of health', () => {
  it('looks once for all who ask at the same time, and again when that is old', async () => {
    const { board, looks } = boardWith(1)
    await Promise.all([board.get(), board.get()])
    await board.get()
    expect(looks()).toBe(1)
    vi.advanceTimersByTime(2_000)
    await board.get()
    expect(looks()).toBe(2)
  })

  it('gives the last one where a look takes long, and a newer one to who asks next', async () => {
    const { board, looks } = boardWith(1_000)
    const first = await board.get()
    vi.advanceTimersByTime(4_999)
    expect(await board.get()).toBe(first)
    expect(looks()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await board.get()).toBe(first)
    expect(looks()).toBe(2)
    await Promise.resolve()
    expect(await board.get()).not.toBe(first)
    vi.advanceTimersByTime(61_000)
    const late = await board.get()
    expect(late).not.toBe(first)
    expect(looks()).toBe(3)
  })

  it('lets who asks know where it cannot be looked up', async () => {
    let isAway = true
    const board = new HealthBoard(() => (isAway ? Promise.reject(new TypeError('away')) : Promise.resolve([])))
    await expect(board.get()).rejects.toThrow(TypeError)
    isAway = false
    expect(await board.get()).toMatchObject({ rows: [] })
  })
})
