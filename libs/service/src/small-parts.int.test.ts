import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VersionConflictError, chores, updateDocument } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { ClockFileError, fileClock } from './clock.ts'
import { mapConcurrently } from './map-concurrently.ts'
import { pause } from './pause.ts'
import { openTestNode, testFolder } from './testing/index.ts'

describe('fileClock', () => {
  it('follows what its file says', async () => {
    await using folder = await testFolder()
    const path = join(folder.path, 'clock')
    await writeFile(path, '1700000000\n')
    const clock = fileClock(path)
    expect(clock.nowMilliseconds()).toBe(1_700_000_000_000)
    await writeFile(path, '5')
    expect(clock.nowSeconds()).toBe(5)
  })

  it('says what is wrong with its file, at once and later', async () => {
    await using folder = await testFolder()
    const path = join(folder.path, 'clock')
    expect(() => fileClock(path)).toThrow(ClockFileError)
    expect(() => fileClock(folder.path)).toThrow(ClockFileError)
    for (const found of ['', '-1', '1.5', 'noon', '9'.repeat(13)]) {
      await writeFile(path, found)
      expect(() => fileClock(path)).toThrow(expect.objectContaining({ name: 'ClockFileError', path, found }) as Error)
    }
    await writeFile(path, '1')
    const clock = fileClock(path)
    await writeFile(path, 'x'.repeat(100))
    expect(() => clock.nowSeconds()).toThrow(expect.objectContaining({ found: 'x'.repeat(40) }) as Error)
  })
})

async function* numbers(count: number): AsyncIterable<number> {
  for (let i = 0; i < count; i += 1) yield i
}

describe('mapConcurrently', () => {
  const { signal } = new AbortController()

  it('has no more under way than its limit, and does everything', async () => {
    let running = 0
    let most = 0
    const done: number[] = []
    await mapConcurrently(numbers(20), 3, signal, async (item) => {
      most = Math.max(most, (running += 1))
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      done.push(item)
    })
    expect(most).toBe(3)
    expect(done).toHaveLength(20)
  })

  it('begins nothing new after an error, waits for what is under way, and throws it', async () => {
    const failure = new Error('one failed')
    const slow = Promise.withResolvers<void>()
    const begun: number[] = []
    let finished = false
    const all = mapConcurrently(numbers(9), 2, signal, async (item) => {
      begun.push(item)
      if (item === 1) throw failure
      await slow.promise
      finished = true
    })
    setImmediate(() => slow.resolve())
    await expect(all).rejects.toBe(failure)
    expect({ begun, finished }).toEqual({ begun: [0, 1], finished: true })
  })

  it('leaves no rejection unhandled while it waits for the next item', async () => {
    const failure = new Error('failed while waiting')
    const waiting = Promise.withResolvers<void>()
    async function* two(): AsyncIterable<number> {
      yield 1
      await waiting.promise
      yield 2
    }
    const all = mapConcurrently(two(), 5, signal, () => Promise.reject(failure))
    setImmediate(() => setImmediate(() => waiting.resolve()))
    await expect(all).rejects.toBe(failure)
  })

  it('ends when the signal aborts', async () => {
    const stop = new AbortController()
    const begun: number[] = []
    await mapConcurrently(numbers(9), 1, stop.signal, async (item) => {
      begun.push(item)
      if (item === 2) stop.abort()
    })
    expect(begun).toEqual([0, 1, 2])
  })
})

describe('updateDocument', () => {
  it('loses no change when many race', async () => {
    await using node = await openTestNode()
    const rows = node.context.state.collection(chores)
    const add = (): Promise<unknown> => updateDocument(rows, 'one', (value) => ({ dueAt: (value?.dueAt ?? 0) + 1 }))
    await Promise.all(Array.from({ length: 20 }, add))
    expect(await rows.get('one')).toMatchObject({ version: 20, value: { dueAt: 20 } })
  })

  it('writes nothing where nothing changed', async () => {
    await using node = await openTestNode()
    const rows = node.context.state.collection(chores)
    await rows.put('one', { dueAt: 1 }, 0)
    expect(await updateDocument(rows, 'one', (value = { dueAt: 0 }) => value)).toMatchObject({ version: 1 })
  })

  it('lets another error than a conflict through', async () => {
    await using node = await openTestNode()
    const rows = node.context.state.collection(chores)
    const failure = new VersionConflictError('other', 'id', 1, 2)
    const put = (): Promise<never> => Promise.reject(new TypeError('no disk', { cause: failure }))
    const broken = { ...rows, get: rows.get.bind(rows), put } as unknown as typeof rows
    await expect(updateDocument(broken, 'one', () => ({ dueAt: 1 }))).rejects.toBeInstanceOf(TypeError)
  })
})

it('pause ends at once when the signal aborts, and does not reject', async () => {
  const stop = new AbortController()
  const paused = pause(3_600_000, stop.signal)
  stop.abort()
  await expect(paused).resolves.toBeUndefined()
  await expect(pause(3_600_000, stop.signal)).resolves.toBeUndefined()
})
