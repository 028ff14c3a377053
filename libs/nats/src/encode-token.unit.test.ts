import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestToken, encodeToken } from './encode-token.ts'

describe('text in a subject', () => {
  it('stands as it is where it is plain', () => {
    expect(encodeToken('0x02abCD_-9')).toBe('0x02abCD_-9')
  })

  it('is one token without wildcards, whatever it holds, and differs for different text', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '*', '>', 'a.b', ' ', '=YQ', '~x', '$'))
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(encodeToken(one)).toMatch(/^[=~]?[A-Za-z0-9_-]*$/)
        expect(encodeToken(one).length).toBeGreaterThan(0)
        expect(encodeToken(one) === encodeToken(other)).toBe(one === other)
      }),
    )
    expect(encodeToken('x'.repeat(10_000)).length).toBeLessThan(50)
  })

  it('is a digest of 162 bits where it only has to differ', () => {
    expect(digestToken('one')).toMatch(/^[A-Za-z0-9_-]{27}$/)
    expect(digestToken('one')).not.toBe(digestToken('two'))
  })
})
