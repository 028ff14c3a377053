import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { prefixRange } from './prefix-range.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc
    .array(fc.constantFrom('a', '\uD7FF', '\uE000', '\u{10FFFF}', '\u{1F600}'), { maxLength: 4 })
    .map((all) => all.join('')),
)

const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0

it('a range for a prefix holds exactly what begins with it', () => {
  fc.assert(
    fc.property(text, text, fc.boolean(), (prefix, rest, continues) => {
      const id = continues ? prefix + rest : rest
      const { $gte, $lt } = prefixRange(prefix)
      expect(!isBefore(id, $gte) && ($lt === undefined || isBefore(id, $lt))).toBe(id.startsWith(prefix))
    }),
  )
})
