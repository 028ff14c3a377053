import { describe, expect, it } from 'vitest'
import { takePage } from './take-page.ts'

const take = (rows: Iterable<number>, bounds: { rows: number; bytes: number }) =>
  takePage(rows, bounds, String, (row) => row)

describe('takePage', () => {
  it('takes everything where no bound is met', () => {
    expect(take([1, 2], { rows: 3, bytes: 4 })).toStrictEqual({ items: ['1', '2'], full: false })
    expect(take([], { rows: 3, bytes: 4 })).toStrictEqual({ items: [], full: false })
  })

  it('stops at the number of rows and at the number of bytes, and takes one row at least', () => {
    expect(take([1, 1, 1], { rows: 2, bytes: 9 })).toStrictEqual({ items: ['1', '1'], full: true })
    expect(take([5, 5, 5], { rows: 9, bytes: 10 })).toStrictEqual({ items: ['5', '5'], full: true })
    expect(take([99, 1], { rows: 9, bytes: 10 })).toStrictEqual({ items: ['99'], full: true })
  })

  it('ends what it reads from, so that a statement does not stay open', () => {
    let ended = false
    function* rows(): Iterable<number> {
      try {
        yield 1
        yield 2
      } finally {
        ended = true
      }
    }
    take(rows(), { rows: 1, bytes: 9 })
    expect(ended).toBe(true)
  })
})
