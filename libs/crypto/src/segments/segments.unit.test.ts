import { SegmentMessage } from '@annals/proto/status/v1/segment'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  InvalidSegmentError,
  SegmentAssembler,
  encodeMagnetMessage,
  keccak256,
  maxMessageBytes,
  uncompressedPublicKey,
  wrapPublicMessage,
} from '../index.ts'
import type { Assembled } from '../index.ts'

const privateKey = new Uint8Array(32).fill(7)
const sender = uncompressedPublicKey(privateKey)
const stranger = uncompressedPublicKey(new Uint8Array(32).fill(8))
const message = new Uint8Array(1_000).map((_, at) => at)

interface Fields {
  readonly hash?: Uint8Array
  readonly index?: number
  readonly count?: number
  readonly payload?: Uint8Array
  readonly parityIndex?: number
  readonly parityCount?: number
}

/** As another writer encodes it: by the generated code. */
function encode({ hash = keccak256(message), payload = Uint8Array.of(1), ...numbers }: Fields): Uint8Array {
  const fields = {
    entireMessageHash: Buffer.from(hash),
    index: numbers.index ?? 0,
    segmentsCount: numbers.count ?? 0,
    payload: Buffer.from(payload),
    paritySegmentIndex: numbers.parityIndex ?? 0,
    paritySegmentsCount: numbers.parityCount ?? 0,
  }
  return new Uint8Array(SegmentMessage.encode(fields).finish())
}

/** As status-go cuts it, without the segments for repair. */
function cut(whole: Uint8Array, segmentBytes: number): Uint8Array[] {
  const hash = keccak256(whole)
  const count = Math.ceil(whole.length / segmentBytes)
  return Array.from({ length: count }, (_, index) =>
    encode({ hash, index, count, payload: whole.slice(index * segmentBytes, (index + 1) * segmentBytes) }),
  )
}

function add(assembler: SegmentAssembler, data: Uint8Array, at = 0, by = sender, chatId = 'chat'): Assembled {
  return assembler.add({ chatId, senderPublicKey: by, data }, at)
}

const problemOf = (assembled: Assembled) => (assembled.kind === 'refused' ? assembled.error.problem : assembled.kind)

describe('a message in segments', () => {
  it('is whole when the last one came, in any order, with those that come twice and other messages between', () => {
    const other = new Uint8Array(777).fill(3)
    const all = [
      ...cut(message, 130).map((data) => ({ data, of: message })),
      ...cut(other, 100).map((data) => ({ data, of: other })),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }), (arriving) => {
        const assembler = new SegmentAssembler()
        const came = new Map([message, other].map((each) => [each, new Set<Uint8Array>()]))
        for (const { data, of } of arriving) {
          const parts = came.get(of)?.add(data)
          const isComplete = parts?.size === all.filter((each) => each.of === of).length
          const assembled = add(assembler, data)
          expect(assembled).toEqual(isComplete ? { kind: 'whole', bytes: of } : { kind: 'waiting' })
        }
      }),
      { numRuns: 50 },
    )
  })

  it('is passed through where it came in one', () => {
    const announcement = encodeMagnetMessage({ privateKey, clockMilliseconds: 5, magnetLink: 'magnet:?' })
    for (const data of [announcement, wrapPublicMessage(announcement), new Uint8Array(), Uint8Array.of(255, 1)])
      expect(add(new SegmentAssembler(), data)).toEqual({ kind: 'whole', bytes: data })
  })

  it('needs none of those that are for repair', () => {
    const assembler = new SegmentAssembler()
    expect(add(assembler, encode({ parityCount: 1 })).kind).toBe('waiting')
    expect(assembler.sizeBytes).toBe(0)
    const kinds = cut(message, 500).map((data) => add(assembler, data).kind)
    expect(kinds).toEqual(['waiting', 'whole'])
  })

  it('is put together of one sender’s segments on one chat only', () => {
    const assembler = new SegmentAssembler()
    const [first, second] = cut(message, 500) as [Uint8Array, Uint8Array]
    expect(add(assembler, encode({ index: 0, count: 2, payload: Uint8Array.of(9) }), 0, stranger).kind).toBe('waiting')
    expect(add(assembler, first).kind).toBe('waiting')
    expect(add(assembler, second, 0, sender, 'another chat').kind).toBe('waiting')
    expect(add(assembler, second).kind).toBe('whole')
  })
})

describe('a hostile segment is refused', () => {
  it.for<[string, Fields]>([
    ['count', { count: 1 }],
    ['count', { count: 2, index: 2 }],
    ['count', { count: 257 }],
    ['count', { count: 4_294_967_295, index: 7 }],
    ['count', { parityCount: 2, parityIndex: 2 }],
    ['count', { parityCount: 1_000 }],
    ['empty', { count: 2, payload: new Uint8Array() }],
    ['too-large', { count: 2, payload: new Uint8Array(maxMessageBytes + 1) }],
  ])('for its %s', ([problem, fields]) => {
    const assembler = new SegmentAssembler()
    expect(problemOf(add(assembler, encode(fields)))).toBe(problem)
    expect(assembler.sizeBytes).toBe(0)
  })

  it('where it says another count than one before', () => {
    const assembler = new SegmentAssembler()
    add(assembler, encode({ count: 3 }))
    expect(problemOf(add(assembler, encode({ count: 4, index: 1 })))).toBe('inconsistent')
  })

  it('where together they are not what they say, and nothing of them is kept', () => {
    const assembler = new SegmentAssembler()
    add(assembler, encode({ count: 2, payload: message }))
    const refused = add(assembler, encode({ count: 2, index: 1, payload: message }))
    expect(refused).toEqual({ kind: 'refused', error: expect.any(InvalidSegmentError) })
    expect(problemOf(refused)).toBe('hash-mismatch')
    expect(assembler.sizeBytes).toBe(0)
  })

  it('where the message would be larger than any', () => {
    const assembler = new SegmentAssembler()
    const payload = new Uint8Array(maxMessageBytes / 2)
    add(assembler, encode({ count: 4, payload }))
    add(assembler, encode({ count: 4, index: 1, payload }))
    expect(problemOf(add(assembler, encode({ count: 4, index: 2, payload })))).toBe('too-large')
    expect(assembler.sizeBytes).toBe(0)
  })

  it('and never more than that, whatever it is', () => {
    const assembler = new SegmentAssembler({ maxBytes: 5_000, maxChatBytes: 2_000, maxMessages: 20 })
    const byte = fc.integer({ min: 0, max: 255 })
    const changed = fc.tuple(fc.constantFrom(...cut(message, 300)), fc.nat(), byte)
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 60 })), (made) => {
        const data = made instanceof Uint8Array ? made : made[0].with(made[1] % made[0].length, made[2])
        expect(['whole', 'waiting', 'refused']).toContain(add(assembler, data).kind)
        expect(assembler.sizeBytes).toBeLessThanOrEqual(2_000)
      }),
      { numRuns: 2_000 },
    )
  })
})

const big = (number: number): Fields => ({
  hash: keccak256(Uint8Array.of(number)),
  count: 2,
  payload: new Uint8Array(400),
})

describe('what is kept of segments', () => {
  it('is given up after a while', () => {
    const assembler = new SegmentAssembler({ maxAgeMilliseconds: 100 })
    const [first, second] = cut(message, 500) as [Uint8Array, Uint8Array]
    add(assembler, first, 1_000)
    expect(add(assembler, second, 1_100).kind).toBe('waiting')
    expect(add(assembler, first, 1_199).kind).toBe('whole')
    add(assembler, encode({ count: 1 }), 1_200)
    expect(assembler.sizeBytes).toBe(0)
  })

  it('is bounded, and a chat that is flooded crowds out itself', () => {
    const assembler = new SegmentAssembler({ maxChatBytes: 1_000, maxBytes: 10_000 })
    const [first, second] = cut(message, 500) as [Uint8Array, Uint8Array]
    add(assembler, first, 0, sender, 'peaceful')
    for (let number = 0; number < 100; number++) add(assembler, encode(big(number)), 0, stranger)
    expect(assembler.sizeBytes).toBeLessThanOrEqual(1_500)
    expect(add(assembler, second, 0, sender, 'peaceful').kind).toBe('whole')
  })

  it('is bounded for all chats together, in bytes and in number', () => {
    const inBytes = new SegmentAssembler({ maxBytes: 2_000 })
    const inNumber = new SegmentAssembler({ maxMessages: 3 })
    for (let number = 0; number < 100; number++)
      for (const assembler of [inBytes, inNumber]) add(assembler, encode(big(number)), 0, sender, `chat ${number}`)
    expect(inBytes.sizeBytes).toBe(2_000)
    expect(inNumber.sizeBytes).toBe(1_200)
  })
})
