import { expect, test } from 'vitest'
import { KeyedMutex } from './keyed-mutex.ts'

test('work of one key runs one after the other in order, also after a failure, and other keys do not wait', async () => {
  const mutex = new KeyedMutex()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const done: string[] = []
  const first = mutex.run('a', async () => {
    await gate
    done.push('first')
    throw new Error('first')
  })
  const second = mutex.run('a', async () => done.push('second'))
  await mutex.run('b', async () => done.push('other'))
  open()
  await expect(first).rejects.toThrow('first')
  await second
  expect(done).toEqual(['other', 'first', 'second'])
})

test('an abort ends the waiting, and those behind still wait for those before', async () => {
  const mutex = new KeyedMutex()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const done: string[] = []
  const first = mutex.run('a', async () => {
    await gate
    done.push('first')
  })
  const abort = new AbortController()
  const second = mutex.run('a', async () => done.push('second'), abort.signal)
  const third = mutex.run('a', async () => done.push('third'))
  abort.abort(new RangeError('enough'))
  await expect(second).rejects.toBeInstanceOf(RangeError)
  open()
  await Promise.all([first, third])
  expect(done).toEqual(['first', 'third'])
})
