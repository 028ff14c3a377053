import { createGroupKey, encryptForGroup, fromHex, keccak256, RatchetCache, type GroupKey } from '@annals/crypto'
import { SegmentMessage } from '@annals/proto/status/v1/segment'
import type { WakuMessage } from '@annals/archive'
import { describe, expect, it } from 'vitest'
import {
  chatMessage,
  communityId,
  deletionOf,
  editOf,
  firstWeek,
  sealWeek,
  signedMessage,
  weekSeconds,
} from '../testing/make-community.ts'
import { decodeWeek, type ArchiveSource } from './decode-week.ts'
import { KeyRing } from './group-keys.ts'

const installationId = 'b7a1c0de-0000-4000-8000-000000000000'
const key: GroupKey = createGroupKey({
  groupId: fromHex(communityId),
  nowMilliseconds: 1_700_000_000_000,
  lastTimestampMilliseconds: undefined,
  randomBytes: new Uint8Array(48).fill(3),
})

const source = (encoded: Uint8Array, id = 'archive'): ArchiveSource => ({
  id,
  from: firstWeek,
  to: firstWeek + weekSeconds,
  read: async () => encoded,
})

async function decode(archives: readonly ArchiveSource[], keys: readonly GroupKey[] = []) {
  const ring = new KeyRing()
  for (const each of keys) ring.add(each)
  return decodeWeek(archives, { communityId, lookUpKey: ring.lookUp, ratchet: new RatchetCache() })
}

async function encrypt(bytes: Uint8Array, seqNo: number): Promise<Uint8Array> {
  return (await encryptForGroup(bytes, { key, seqNo, installationId, ratchet: new RatchetCache() })).bytes
}

const hello = chatMessage({ timestamp: firstWeek + 10, text: 'hello' })

describe('a week', () => {
  it('has its messages by time, and counts what became of every one', async () => {
    const messages = [
      hello,
      chatMessage({ timestamp: firstWeek, text: 'first' }),
      editOf(hello, 'hello again'),
      deletionOf(hello),
      signedMessage({ timestamp: firstWeek, type: 22, payload: Uint8Array.of(), by: 'bob' }),
      { ...chatMessage({ timestamp: firstWeek + 3, text: 'odd' }), sig: new Uint8Array(65) },
    ]
    const { encoded } = await sealWeek(messages)
    const { messages: read, tally, changes } = await decode([source(encoded), source(encoded)])
    expect(read.map(({ text }) => text)).toEqual(['first', 'hello'])
    expect(changes).toHaveLength(4)
    expect(tally).toEqual({
      total: 12,
      chat: 2,
      repeated: 2,
      edits: 2,
      deletions: 2,
      segments: 0,
      outsideRange: 0,
      otherTypes: new Map([[22, 2]]),
      unreadable: new Map([['sender', 2]]),
    })
  })

  it('says which of its messages are of another time', async () => {
    const { encoded } = await sealWeek([hello])
    const { tally } = await decode([{ ...source(encoded), from: 1, to: 2 }])
    expect(tally).toMatchObject({ chat: 1, outsideRange: 1 })
  })

  it('has the messages that came in segments', async () => {
    const whole = chatMessage({ timestamp: firstWeek, text: 'long '.repeat(200) })
    const cut = Math.ceil(whole.payload.length / 2)
    const parts = [0, 1].map((index): WakuMessage => {
      const payload = Buffer.from(whole.payload.subarray(index * cut, (index + 1) * cut))
      const segment = SegmentMessage.encode({
        entireMessageHash: Buffer.from(keccak256(whole.payload)),
        index,
        segmentsCount: 2,
        payload,
        paritySegmentIndex: 0,
        paritySegmentsCount: 0,
      }).finish()
      return { ...whole, payload: new Uint8Array(segment), hash: keccak256(new Uint8Array(segment)) }
    })
    const both = await decode([source((await sealWeek(parts)).encoded)])
    expect(both.messages.map(({ text }) => text)).toEqual(['long '.repeat(200)])
    expect(both.tally).toMatchObject({ total: 2, chat: 1, segments: 1 })
    const one = await decode([source((await sealWeek(parts.slice(1))).encoded)])
    expect(one.tally).toMatchObject({ total: 1, chat: 0, segments: 1 })
  })

  it('counts what is larger than a message may be as that', async () => {
    const { encoded } = await sealWeek([hello, { ...hello, payload: new Uint8Array(2 ** 21) }])
    const { tally } = await decode([source(encoded)])
    expect(tally.unreadable).toEqual(new Map([['too-large', 1]]))
  })

  it('is not lost where one of its archives is damaged', async () => {
    const { encoded } = await sealWeek([hello])
    const { messages, damaged } = await decode([source(encoded.subarray(0, 50), 'cut'), source(encoded)])
    expect(messages).toHaveLength(1)
    expect(damaged).toMatchObject([{ id: 'cut' }])
  })

  it('takes a signal', async () => {
    const { encoded } = await sealWeek([hello])
    const reason = new Error('enough')
    const slow: ArchiveSource = {
      ...source(encoded),
      async read() {
        throw reason
      },
    }
    await expect(decode([slow])).rejects.toBe(reason)
  })
})

describe('an encrypted week', () => {
  it('waits for its key, and is read with it', async () => {
    const archive = source(await encrypt((await sealWeek([hello])).encoded, 3))
    const waiting = await decode([archive])
    expect(waiting).toMatchObject({ messages: [], waitingArchives: ['archive'], damaged: [] })
    expect([...waiting.missingKeys]).toEqual([`0x${key.keyIdText()}`])
    expect(await decode([archive], [key])).toMatchObject({ messages: [{ text: 'hello' }], waitingArchives: [] })
  })

  it('may have messages that are encrypted one by one', async () => {
    const inner = await encrypt(hello.payload, 7)
    const { encoded } = await sealWeek([{ ...hello, payload: inner }])
    const waiting = await decode([source(encoded)])
    expect(waiting.tally.unreadable).toEqual(new Map([['key-missing', 1]]))
    expect(waiting.missingKeys.size).toBe(1)
    const { messages } = await decode([source(encoded)], [key])
    expect(messages).toMatchObject([{ text: 'hello' }])
  })

  it('that the key does not open is damaged', async () => {
    const bytes = await encrypt((await sealWeek([hello])).encoded, 3)
    // Behind the ciphertext stands the header, so this is a byte of the ciphertext.
    bytes[200]! ^= 1
    const { damaged, messages } = await decode([source(bytes)], [key])
    expect(messages).toEqual([])
    expect(damaged).toHaveLength(1)
  })
})
