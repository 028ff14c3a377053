import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImportRecord } from './import-record.ts'
import { parseDiscordMessage } from './parse-discord-message.ts'
import { parseNdjsonRecord } from './parse-ndjson-record.ts'

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const line = { channel: 'duraspace', author: 'robint', timestamp: 1317844440, text: 'Hi all' }

const id = (value: unknown): string => (parseNdjsonRecord(bytes(value)) as ImportRecord).sourceId

describe('parseNdjsonRecord', () => {
  it('reads a line', () => {
    expect(parseNdjsonRecord(bytes(line))).toMatchObject({
      channelId: 'duraspace',
      authorId: 'robint',
      timestamp: 1317844440,
      text: 'Hi all',
    })
  })

  it('gives the same line the same id, and any other line another', () => {
    const others = [{ channel: 'b' }, { author: 'b' }, { timestamp: 1317844441 }, { text: 'Hi all ' }]
    expect(id({ ...line, more: 1 })).toBe(id(line))
    expect(new Set([line, ...others.map((other) => ({ ...line, ...other }))].map(id)).size).toBe(5)
  })

  it('keeps text of any kind, with lone surrogates replaced', () => {
    expect(parseNdjsonRecord(bytes({ ...line, text: 'a\ud800b\u0000 ü 😀' }))).toMatchObject({
      text: 'a\ufffdb\u0000 ü 😀',
    })
  })

  it.each([
    { timestamp: 0 },
    { timestamp: -1 },
    { timestamp: 1.5 },
    { timestamp: 2 ** 32 },
    { timestamp: '1317844440' },
    { timestamp: null },
    { channel: '' },
    { channel: 'a\nb' },
    { author: 7 },
    { author: 'a'.repeat(129) },
    { text: null },
    { text: { a: 1 } },
  ])('refuses %j', (change) => {
    expect(parseNdjsonRecord(bytes({ ...line, ...change }))).toBeTypeOf('string')
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (any) => {
          expect(parseNdjsonRecord(any)).toBeDefined()
        },
      ),
    )
    expect(parseNdjsonRecord(new TextEncoder().encode('['.repeat(1_000_000)))).toBeTypeOf('string')
    expect(parseNdjsonRecord(Uint8Array.of(0x22, 0xff, 0x22))).toBe('it is not UTF-8')
  })
})

const channel = { id: '973504848530120714', name: 'i-made-this' }
const message = {
  id: '1028693393506832454',
  type: 'Reply',
  timestamp: '2022-10-09T15:40:17.211+00:00',
  timestampEdited: null,
  content: 'From Juan',
  author: { id: '688046964549353491', name: 'jeffglass', nickname: 'Jeff Glass', avatarUrl: '' },
  reference: { messageId: '1027511092563410954' },
}

describe('parseDiscordMessage', () => {
  it('reads a message', () => {
    expect(parseDiscordMessage(message, channel)).toMatchObject({
      sourceId: '1028693393506832454',
      channelName: 'i-made-this',
      authorNickname: 'Jeff Glass',
      timestamp: 1665330017,
      replyTo: '1027511092563410954',
      editedTimestamp: undefined,
    })
  })

  it('takes time zones in, and the time of an edit', () => {
    const changed = { ...message, timestamp: '2022-10-09T17:40:17+02:00', timestampEdited: '2022-10-09T15:41:00Z' }
    expect(parseDiscordMessage(changed, channel)).toMatchObject({ timestamp: 1665330017, editedTimestamp: 1665330060 })
  })

  it.each([
    { id: undefined },
    { id: 'a\u0007' },
    { timestamp: '2022-10-09' },
    { timestamp: '1969-12-31T23:59:59Z' },
    { timestamp: '9999-12-31T23:59:59Z' },
    { timestamp: '2022-13-09T17:40:17Z' },
    { timestampEdited: 'yesterday' },
    { content: 5 },
    { author: null },
    { author: { name: 'x' } },
    { attachments: 'a' },
    { attachments: [1] },
    { attachments: [{ fileSizeBytes: -1 }] },
    { attachments: Array.from({ length: 101 }, () => ({})) },
  ])('refuses %j', (change) => {
    expect(parseDiscordMessage({ ...message, ...change }, channel)).toBeTypeOf('string')
  })

  it('never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(message), 'attachments'), (value, member) => {
        expect(parseDiscordMessage(value, channel)).toBeDefined()
        expect(parseDiscordMessage({ ...message, [member]: value }, channel)).toBeDefined()
      }),
    )
  })
})
