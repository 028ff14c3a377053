import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidCursorError } from '../errors.ts'
import { formatCursor, parseCursor, prefixOf } from './channel-cursor.ts'
import type { Place } from './channel-cursor.ts'
import { ReadMessages } from './read-messages.ts'

const overlapMilliseconds = 60_000
const nothing: Place = { fromNanoseconds: undefined, read: new Set() }
const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const nanoseconds = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))
const noLimit = 2n ** 63n

describe('the place of a reader', () => {
  it('survives as a cursor', () => {
    const places = fc.record({
      fromNanoseconds: fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), { nil: undefined }),
      read: fc
        .uniqueArray(fc.string(), { maxLength: 64 })
        .map((names) => new Set(names.map((n) => prefixOf(hashOf(n))))),
    })
    fc.assert(
      fc.property(places, fc.string(), (place, chatId) => {
        expect(parseCursor(chatId, formatCursor(chatId, place))).toStrictEqual({ ...place })
      }),
    )
  })

  it('is refused where it is of another chat or of no channel at all', () => {
    fc.assert(
      fc.property(fc.string(), (cursor) => {
        expect(() => parseCursor('chat', cursor)).toThrow(InvalidCursorError)
      }),
    )
    const place: Place = { fromNanoseconds: 7n, read: new Set() }
    expect(() => parseCursor('chat', formatCursor('other', place))).toThrow(InvalidCursorError)
  })

  it('leads past what was read and to all that was not, however late it comes', () => {
    // In each run: messages of a few minutes come in any order; the reader is cut off somewhere and goes on.
    const arrivals = fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(arrivals, fc.nat(50), (secondsOfMessages, cut) => {
        const messages = secondsOfMessages.map((seconds) => ({
          hash: hashOf(String(seconds)),
          time: nanoseconds(1_000 + seconds),
          payload: bytes(String(seconds)),
        }))
        const before = new ReadMessages(nothing, overlapMilliseconds)
        for (const { hash, time, payload } of messages.slice(0, cut)) expect(before.add(hash, time, payload)).toBe(true)
        const place = parseCursor('chat', formatCursor('chat', before.place(noLimit)))
        const after = new ReadMessages(place, overlapMilliseconds)
        const reread = messages.filter(({ time }) => time >= (place.fromNanoseconds ?? 0n))
        const handed = reread.filter(({ hash, time, payload }) => after.add(hash, time, payload))
        expect(handed).toStrictEqual(messages.slice(cut))
      }),
    )
  })

  it('does not move on past where something may be missing', () => {
    const read = new ReadMessages(nothing, overlapMilliseconds)
    read.add(hashOf('a'), nanoseconds(1_000), bytes('a'))
    expect(read.place(noLimit).fromNanoseconds).toBe(nanoseconds(940))
    expect(read.place(nanoseconds(500)).fromNanoseconds).toBe(nanoseconds(500))
  })

  it('names only so many messages, and moves on to the oldest of them', () => {
    const read = new ReadMessages(nothing, overlapMilliseconds)
    for (let number = 0; number < 1_000; number += 1)
      read.add(hashOf(String(number)), nanoseconds(1_000 + number / 1_000), bytes(String(number)))
    const place = read.place(noLimit)
    expect(place.read.size).toBe(64)
    expect(place.fromNanoseconds).toBe(nanoseconds(1_000.936))
    expect(formatCursor('chat', place).length).toBeLessThan(600)
  })

  it('counts the same bytes once, also across a restart while their message is near', () => {
    const read = new ReadMessages(nothing, overlapMilliseconds)
    expect(read.add(hashOf('one'), nanoseconds(1_000), bytes('same'))).toBe(true)
    expect(read.add(hashOf('two'), nanoseconds(1_001), bytes('same'))).toBe(false)
    const after = new ReadMessages(read.place(noLimit), overlapMilliseconds)
    expect(after.add(hashOf('one'), nanoseconds(1_000), bytes('same'))).toBe(false)
    expect(after.add(hashOf('three'), nanoseconds(1_002), bytes('same'))).toBe(false)
  })
})
