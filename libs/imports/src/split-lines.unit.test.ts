import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { LineSplitter } from './split-lines.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function lines(parts: readonly string[], maxBytes = 100): (string | undefined)[] {
  const splitter = new LineSplitter(maxBytes)
  const found = [...parts.flatMap((part) => splitter.push(encode(part))), ...splitter.end()]
  expect(found.map((line) => line.number)).toEqual(found.map((_, i) => i + 1))
  return found.map((line) => (line.bytes === undefined ? undefined : new TextDecoder().decode(line.bytes)))
}

it('gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 5 })), fc.constantFrom('', '\n'), (texts, last) => {
      const text = texts.map((each) => each.replaceAll('\n', ' ')).join('\n') + last
      const whole = lines([text])
      expect(lines(Array.from(text))).toEqual(whole)
      expect(whole.join('\n')).toBe(text.replace(/\n$/, ''))
    }),
  )
})

it('names a line that is too long and goes on with the next', () => {
  expect(lines(['ab\n', 'c'.repeat(60), 'c'.repeat(60), 'c\nd\n'])).toEqual(['ab', undefined, 'd'])
})
