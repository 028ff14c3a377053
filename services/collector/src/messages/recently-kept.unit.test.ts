import { expect, it } from 'vitest'
import { RecentlyKept } from './recently-kept.ts'

it('remembers for so long, and no longer', () => {
  const recent = new RecentlyKept(100)
  recent.add('one', 0)
  recent.add('two', 50)
  recent.forgetOld(99)
  expect([recent.has('one'), recent.has('two')]).toStrictEqual([true, true])
  recent.forgetOld(100)
  expect([recent.has('one'), recent.has('two')]).toStrictEqual([false, true])
})

it('starts over with what is kept again', () => {
  const recent = new RecentlyKept(100)
  recent.add('one', 0)
  recent.add('two', 50)
  recent.add('one', 90)
  recent.forgetOld(160)
  expect([recent.has('one'), recent.has('two')]).toStrictEqual([true, false])
})

it('remembers no more than so many, the last ones', () => {
  const recent = new RecentlyKept(100)
  for (let number = 0; number < 20_000; number += 1) recent.add(`${number}`, 0)
  expect(recent.size).toBe(10_000)
  expect([recent.has('9999'), recent.has('10000'), recent.has('19999')]).toStrictEqual([false, true, true])
})
