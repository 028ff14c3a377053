import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SplitValue } from './split-export.ts'
import { ExportSplitter, SplitError } from './split-export.ts'

const options = { members: ['channel'], list: 'messages', maxValueBytes: 1000 }

function split(text: string, partBytes = 7): SplitValue[] {
  const splitter = new ExportSplitter(options)
  const bytes = new TextEncoder().encode(text)
  const found: SplitValue[] = []
  for (let i = 0; i < bytes.length; i += partBytes) found.push(...splitter.push(bytes.subarray(i, i + partBytes)))
  splitter.end()
  return found
}

function outcome(text: string): unknown {
  try {
    split(text)
  } catch (error) {
    if (!(error instanceof SplitError)) return error
  }
  return 'split or refused'
}

const parsed = (values: readonly SplitValue[]): unknown[] =>
  values.map((each) => (each.bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(each.bytes))))

describe('ExportSplitter', () => {
  it('finds the wanted values of any document, however the bytes are cut', () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(
        json,
        fc.array(json),
        json,
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (channel, list, other, part, pretty) => {
          const text = JSON.stringify(
            { other, channel, more: [other], messages: list, last: other },
            undefined,
            pretty ? 2 : 0,
          )
          const found = split(text, part)
          fc.pre(found.every((each) => each.bytes !== undefined))
          expect(parsed(found)).toEqual(JSON.parse(JSON.stringify([channel, ...list])))
          expect(found.slice(1).map((each) => each.index)).toEqual(list.map((_, i) => i))
        },
      ),
    )
  })

  it('says where a value begins', () => {
    const text = '{"messages": [ 1, {"a": 2}]}'
    expect(split(text).map((each) => each.offsetBytes)).toEqual([text.indexOf('1'), text.indexOf('{"a"')])
  })

  it('sets aside what is too long or too deep, and goes on behind it', () => {
    const deep = '['.repeat(500) + ']'.repeat(500)
    const text = `{"messages":[1,"${'x'.repeat(2000)}",2,${deep},3]}`
    expect(parsed(split(text))).toEqual([1, undefined, 2, undefined, 3])
  })

  it.each([
    '',
    '{',
    '[]',
    '{"a":1',
    '{"a":1}}',
    '{"a" 1}',
    '{,}',
    '{"messages":[1,]}',
    '{"messages":[1',
    '{"a":}',
    '{"a":1,}',
    '{"messages":[1 2]}',
    'null',
  ])('refuses %j', (text) => {
    expect(() => split(text)).toThrow(SplitError)
  })

  it('refuses a document that is cut off anywhere, and keeps what it found', () => {
    const text = JSON.stringify({ channel: { id: '1' }, messages: [{ id: 'a' }, { id: 'b' }] })
    for (let end = 0; end < text.length; end++) expect(() => split(text.slice(0, end))).toThrow(SplitError)
  })

  it('never throws anything but its own error, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', ' ', '1', 'a'), maxLength: 60 }),
        (text) => {
          expect(outcome(`{"messages":${text}`)).toBe('split or refused')
        },
      ),
      { numRuns: 2000 },
    )
  })
})
