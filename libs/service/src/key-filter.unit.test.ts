import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { KeyFilter } from './key-filter.ts'

const keyOf = (number: number): string => createHash('sha256').update(`${number}`).digest('hex')

it('a filter has every key that was added, and hardly any other', () => {
  const filter = new KeyFilter()
  const added = Array.from({ length: 50_000 }, (_, number) => keyOf(number))
  for (const key of added) filter.add(key)
  expect(added.every((key) => filter.mayHave(key))).toBe(true)
  const others = Array.from({ length: 50_000 }, (_, number) => keyOf(1_000_000 + number))
  expect(others.filter((key) => filter.mayHave(key))).toStrictEqual([])
})
