import { describe, expect, it } from 'vitest'
import { bothOrNeither } from './both-or-neither.ts'

const failure = new Error('there is none')
const fail = (): Promise<never> => Promise.reject(failure)

function untilTold(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('was told to stop'))))
}

describe('two things at once', () => {
  it('gives both', async () => {
    const both = bothOrNeither(
      undefined,
      async () => 1,
      async () => 'two',
    )
    expect(await both).toStrictEqual([1, 'two'])
  })

  it('stops one where the other fails, and says what failed first', async () => {
    await expect(bothOrNeither(undefined, untilTold, fail)).rejects.toBe(failure)
    await expect(bothOrNeither(undefined, fail, untilTold)).rejects.toBe(failure)
  })

  it('waits for the other where one fails', async () => {
    let isOver = false
    const slow = async (signal: AbortSignal): Promise<void> => {
      await untilTold(signal).catch(() => {})
      await Promise.resolve()
      isOver = true
    }
    await expect(bothOrNeither(undefined, fail, slow)).rejects.toBe(failure)
    expect(isOver).toBe(true)
  })

  it('stops both where it is told to', async () => {
    const stop = new AbortController()
    const both = bothOrNeither(stop.signal, untilTold, untilTold)
    stop.abort(failure)
    await expect(both).rejects.toBe(failure)
  })
})
