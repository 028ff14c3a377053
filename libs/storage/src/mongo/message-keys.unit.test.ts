import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageKeys, parseMessageKey } from './message-keys.ts'

const timestamps = fc.oneof(fc.nat(100), fc.nat(Number.MAX_SAFE_INTEGER))
const hashes = fc.uint8Array({ minLength: 1, maxLength: 40 })
const communityIds = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'a/', 'a/b', '%h', '\uD800', '\0'))

/** As servers compare text. */
const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0

describe('keys of messages', () => {
  it('give back the time and the hash', () => {
    fc.assert(
      fc.property(communityIds, timestamps, hashes, (id, timestamp, hash) => {
        expect(parseMessageKey(new MessageKeys(id).of({ timestamp, hash }))).toStrictEqual({
          timestamp,
          hash: new Uint8Array(hash),
        })
      }),
    )
  })

  it('stand in the order of time and hash, inside of their bounds', () => {
    fc.assert(
      fc.property(communityIds, timestamps, timestamps, hashes, hashes, (id, time, otherTime, hash, otherHash) => {
        const keys = new MessageKeys(id)
        const [one, other] = [keys.of({ timestamp: time, hash }), keys.of({ timestamp: otherTime, hash: otherHash })]
        expect(isBefore(one, other)).toBe((time - otherTime || Buffer.compare(hash, otherHash)) < 0)
        expect(isBefore(one, keys.from(otherTime))).toBe(time < otherTime)
        expect(isBefore(one, keys.end)).toBe(true)
      }),
    )
  })

  it('of one community are never among those of another', () => {
    fc.assert(
      fc.property(communityIds, communityIds, timestamps, hashes, (id, otherId, timestamp, hash) => {
        fc.pre(id !== otherId)
        const other = new MessageKeys(otherId)
        const key = new MessageKeys(id).of({ timestamp, hash })
        expect(isBefore(key, other.from(0)) || !isBefore(key, other.end)).toBe(true)
      }),
    )
  })

  it('bring moments that no message has inside of those that one can have', () => {
    const keys = new MessageKeys('a')
    expect(keys.from(-5)).toBe(keys.from(0))
    expect(keys.from(1.5)).toBe(keys.from(2))
    expect(keys.from(Infinity)).toBe(keys.from(Number.MAX_SAFE_INTEGER))
  })

  it('stay short, however long the id is', () => {
    const key = new MessageKeys('ä'.repeat(10_000)).of({ timestamp: 1, hash: new Uint8Array(32) })
    expect(key.length).toBeLessThan(300)
  })
})
