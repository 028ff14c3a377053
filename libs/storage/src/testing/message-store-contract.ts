import { createHash } from 'node:crypto'
import type { WakuMessage } from '@annals/archive'
import { describe, expect, it } from 'vitest'
import type { MessageStore } from '../message-store.ts'
import { collect } from './collect.ts'
import { inOrder } from './model-messages.ts'
import type { StoreHarness } from './store-harness.ts'

export type OpenMessageStore = () => Promise<StoreHarness<MessageStore>>

const communityId = `0x02${'11'.repeat(32)}`
const other = `0x03${'22'.repeat(32)}`

/** A topic of four bytes. */
export function topic(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
}

export function message(name: string, timestamp: number, fields: Partial<WakuMessage> = {}): WakuMessage {
  return {
    timestamp,
    topic: topic(1),
    sig: new Uint8Array(65).fill(4),
    payload: new TextEncoder().encode(name),
    padding: Uint8Array.of(1),
    hash: new Uint8Array(createHash('sha256').update(`${name} ${timestamp}`).digest()),
    thirdPartyId: '',
    ...fields,
  }
}

const all = { before: Number.MAX_SAFE_INTEGER, topics: [topic(1), topic(2)] }

async function pending(store: MessageStore, query = all, id = communityId): Promise<WakuMessage[]> {
  return (await collect(store.pending(id, query))).flat()
}

async function range(store: MessageStore, from?: number, to?: number): Promise<WakuMessage[]> {
  const options = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  return (await collect(store.range(communityId, options))).flat()
}

/** What every adapter of the message store keeps to. `open` gives a new, empty store each time. */
export function describeMessageStoreContract(name: string, open: OpenMessageStore): void {
  describe(`${name} as a message store`, () => {
    describeIngest(open)
    describeReading(open)
    describeSettling(open)
  })
}

function describeIngest(open: OpenMessageStore): void {
  describe('ingest', () => {
    it('stores what is new and counts what is known', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = ['a', 'b', 'c'].map((name, index) => message(name, 100 + index))
      expect(await store.ingest(communityId, messages, 'pending')).toStrictEqual({ stored: 3, known: 0 })
      expect(await store.ingest(communityId, messages, 'pending')).toStrictEqual({ stored: 0, known: 3 })
      const more = [...messages, message('d', 50)]
      expect(await store.ingest(communityId, more, 'pending')).toStrictEqual({ stored: 1, known: 3 })
      expect(await store.ingest(communityId, [], 'pending')).toStrictEqual({ stored: 0, known: 0 })
      expect(await range(store)).toStrictEqual(inOrder(more))
    })

    it('stores a message once that stands in a batch twice', async () => {
      await using harness = await open()
      const { store } = harness
      const one = message('one', 100)
      const batch = [one, message('two', 100), { ...one, payload: Uint8Array.of(9) }]
      expect(await store.ingest(communityId, batch, 'pending')).toStrictEqual({ stored: 2, known: 1 })
      expect(await store.summary(communityId)).toMatchObject({ messages: 2, pending: 2 })
      expect(await range(store)).toStrictEqual(inOrder(batch.slice(0, 2)))
    })

    it('keeps all parts of a message, empty ones as well', async () => {
      await using harness = await open()
      const messages = [
        message('full', 1, { thirdPartyId: 'discord ☃ 1', padding: new Uint8Array(256).fill(7) }),
        message('empty', 2, { sig: new Uint8Array(), payload: new Uint8Array(), padding: new Uint8Array() }),
        message('start of time', 0, { topic: topic(0xff_00_ff_00) }),
      ]
      await harness.store.ingest(communityId, messages, 'pending')
      const store = await harness.restart()
      expect(await range(store)).toStrictEqual(inOrder(messages))
    })

    it('keeps what was acknowledged when the process is killed', async () => {
      await using harness = await open()
      const messages = Array.from({ length: 50 }, (_, index) => message(`m${index}`, index))
      await harness.store.ingest(communityId, messages, 'archived')
      const store = await harness.crash()
      expect(await range(store)).toStrictEqual(messages)
      expect(await store.summary(communityId)).toStrictEqual({ messages: 50, pending: 0, oldest: 0, newest: 49 })
    })

    it('keeps communities apart', async () => {
      await using harness = await open()
      const { store } = harness
      const shared = message('shared', 5)
      expect(await store.ingest(communityId, [shared], 'pending')).toMatchObject({ stored: 1 })
      expect(await store.ingest(other, [shared, message('its own', 6)], 'pending')).toMatchObject({ stored: 2 })
      await store.settle(communityId, [shared], 'archived')
      expect(await pending(store)).toStrictEqual([])
      expect(await pending(store, all, other)).toHaveLength(2)
      expect(await store.summary(communityId)).toMatchObject({ messages: 1 })
    })

    it('counts a message once when batches that hold it race', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = Array.from({ length: 40 }, (_, index) => message(`m${index}`, index))
      const results = await Promise.all(
        Array.from({ length: 5 }, (_, index) => store.ingest(communityId, messages.slice(index * 4), 'pending')),
      )
      expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(40)
      expect(await store.summary(communityId)).toMatchObject({ messages: 40, pending: 40 })
    })
  })
}

function describeReading(open: OpenMessageStore): void {
  describe('reading', () => {
    it('gives messages by time and then by hash, however they came', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = Array.from({ length: 300 }, (_, index) => message(`m${index}`, 1000 - (index % 20)))
      for (let start = 0; start < messages.length; start += 37) {
        await store.ingest(communityId, messages.slice(start, start + 37), 'pending')
      }
      expect(await range(store)).toStrictEqual(inOrder(messages))
      expect(await pending(store)).toStrictEqual(inOrder(messages))
    })

    it('takes the start of a range in and leaves its end out', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = [9, 10, 10, 11, 19, 20].map((time, index) => message(`m${index}`, time))
      await store.ingest(communityId, messages, 'archived')
      const times = async (from?: number, to?: number): Promise<number[]> =>
        (await range(store, from, to)).map(({ timestamp }) => timestamp)
      expect(await times(10, 20)).toStrictEqual([10, 10, 11, 19])
      expect(await times(undefined, 10)).toStrictEqual([9])
      expect(await times(11)).toStrictEqual([11, 19, 20])
      expect(await times(20, 10)).toStrictEqual([])
    })

    it('gives what is pending before a moment with one of the topics', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = [1, 2, 3, 1, 2].map((number, index) => message(`m${index}`, index, { topic: topic(number) }))
      await store.ingest(communityId, messages, 'pending')
      expect(await pending(store, { before: 4, topics: [topic(1), topic(2)] })).toStrictEqual(
        [0, 1, 3].map((index) => messages[index]),
      )
      expect(await pending(store, { before: 4, topics: [topic(3)] })).toStrictEqual([messages[2]])
      expect(await pending(store, { before: 2, topics: [topic(3)] })).toStrictEqual([])
      expect(await pending(store, { before: 4, topics: [] })).toStrictEqual([])
    })

    it('gives many messages in batches, and is not disturbed by what happens between them', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = Array.from({ length: 5000 }, (_, index) => message(`m${index}`, Math.floor(index / 3)))
      await store.ingest(communityId, messages, 'pending')
      const seen: WakuMessage[] = []
      let batches = 0
      for await (const batch of store.pending(communityId, all)) {
        batches += 1
        seen.push(...batch)
        await store.settle(communityId, batch, 'archived')
        await store.ingest(communityId, [message(`behind the reader ${batches}`, 0)], 'pending')
      }
      expect(batches).toBeGreaterThan(1)
      expect(seen.map(({ hash }) => Buffer.from(hash).toString('hex'))).toStrictEqual(
        inOrder(messages).map(({ hash }) => Buffer.from(hash).toString('hex')),
      )
      expect(await store.summary(communityId)).toMatchObject({ messages: 5000 + batches, pending: batches })
    })

    it('gives messages of many megabytes in batches of bounded size', async () => {
      await using harness = await open()
      const { store } = harness
      const sizeBytes = 6 * 1024 * 1024
      const messages = [0, 1, 2, 3].map((index) =>
        message(`large ${index}`, index, { payload: new Uint8Array(sizeBytes).fill(index) }),
      )
      await store.ingest(communityId, messages, 'pending')
      const batches = await collect(store.pending(communityId, all))
      expect(batches.every((batch) => batch.length <= 3)).toBe(true)
      const read = batches.flat()
      expect(read.map(({ timestamp }) => timestamp)).toStrictEqual([0, 1, 2, 3])
      expect(read.every(({ payload, timestamp }) => payload.every((byte) => byte === timestamp))).toBe(true)
    })

    it('keeps a message of 30 MB', async () => {
      await using harness = await open()
      const payload = new Uint8Array(30_000_000).fill(5)
      await harness.store.ingest(communityId, [message('largest', 1, { payload })], 'pending')
      const [read] = await range(harness.store)
      expect(read?.payload.length).toBe(payload.length)
      expect(Buffer.compare(read?.payload ?? new Uint8Array(), payload)).toBe(0)
    })

    it('knows how old what it holds is, and how much of it is pending, without summing up', async () => {
      await using harness = await open()
      const { store } = harness
      expect(await store.span(communityId)).toStrictEqual({})
      expect(await store.pendingCount(communityId)).toBe(0)
      await store.ingest(communityId, [message('a', 10), message('b', 30)], 'pending')
      await store.ingest(communityId, [message('c', 5, { topic: topic(2) })], 'archived')
      await store.ingest(other, [message('d', 1), message('e', 90)], 'pending')
      expect(await store.span(communityId)).toStrictEqual({ oldest: 5, newest: 30 })
      expect(await store.span(communityId, [topic(1), topic(3)])).toStrictEqual({ oldest: 10, newest: 30 })
      expect(await store.span(communityId, [topic(3)])).toStrictEqual({})
      expect(await store.span(communityId, [])).toStrictEqual({})
      expect(await store.pendingCount(communityId)).toBe(2)
      expect(await store.pendingCount(communityId, [topic(2)])).toBe(0)
      expect(await store.pendingCount(communityId, [topic(1), topic(2)])).toBe(2)
      expect(await store.pendingCount(communityId, [])).toBe(0)
      await store.settle(communityId, [message('a', 10)], 'archived')
      expect(await store.pendingCount(communityId)).toBe(1)
      await store.deleteCommunity(communityId)
      expect(await store.span(communityId)).toStrictEqual({})
      expect(await store.pendingCount(communityId)).toBe(0)
    })

    it('keeps communities apart whose ids look alike', async () => {
      await using harness = await open()
      const { store } = harness
      const ids = ['a', 'a/', 'a/b', 'a/00000000000001', 'a%002f', 'A', 'ä', '', '/', '%', 'a\0', 'x'.repeat(3000)]
      for (const [index, id] of ids.entries()) await store.ingest(id, [message(id, index)], 'pending')
      for (const [index, id] of ids.entries()) {
        expect((await collect(store.range(id, {}))).flat()).toStrictEqual([message(id, index)])
        expect(await pending(store, all, id)).toHaveLength(1)
      }
      await store.deleteCommunity('a')
      expect(await store.span('a')).toStrictEqual({})
      for (const id of ids.slice(1)) expect(await store.pendingCount(id)).toBe(1)
    })

    it('gives what is pending in order, whether it stands close together or years apart', async () => {
      await using harness = await open()
      const { store } = harness
      const times = Array.from({ length: 6000 }, (_, index) =>
        index < 2500 ? 7 : index < 2600 ? 1_000_000 * index : 1_700_000_000 + Math.floor(index / 1500),
      )
      const messages = [...times, Number.MAX_SAFE_INTEGER - 1].map((time, index) => message(`m${index}`, time))
      await store.ingest(communityId, messages, 'pending')
      expect(await pending(store)).toStrictEqual(inOrder(messages))
    })

    it('sums up all topics or the given ones', async () => {
      await using harness = await open()
      const { store } = harness
      expect(await store.summary(communityId)).toStrictEqual({ messages: 0, pending: 0 })
      await store.ingest(communityId, [message('a', 10), message('b', 30)], 'pending')
      await store.ingest(communityId, [message('c', 5, { topic: topic(2) })], 'archived')
      expect(await store.summary(communityId)).toStrictEqual({ messages: 3, pending: 2, oldest: 5, newest: 30 })
      expect(await store.summary(communityId, [topic(1)])).toStrictEqual({
        messages: 2,
        pending: 2,
        oldest: 10,
        newest: 30,
      })
      expect(await store.summary(communityId, [topic(2), topic(3)])).toStrictEqual({
        messages: 1,
        pending: 0,
        oldest: 5,
        newest: 5,
      })
      expect(await store.summary(communityId, [topic(3)])).toStrictEqual({ messages: 0, pending: 0 })
      expect(await store.summary(communityId, [])).toStrictEqual({ messages: 0, pending: 0 })
    })
  })
}

function describeSettling(open: OpenMessageStore): void {
  describe('settling', () => {
    it('leaves settled messages out of what is pending, and in the ranges', async () => {
      await using harness = await open()
      const messages = ['a', 'b', 'c'].map((name, index) => message(name, index))
      await harness.store.ingest(communityId, messages, 'pending')
      await harness.store.settle(communityId, messages.slice(0, 1), 'archived')
      await harness.store.settle(communityId, [{ timestamp: 1, hash: messages[1]!.hash }], 'too-large')
      const store = await harness.restart()
      expect(await pending(store)).toStrictEqual(messages.slice(2))
      expect(await range(store)).toStrictEqual(messages)
      expect(await store.summary(communityId)).toMatchObject({ messages: 3, pending: 1 })
    })

    it('ignores unknown messages and settles none twice', async () => {
      await using harness = await open()
      const { store } = harness
      await store.settle(communityId, [message('nobody', 1)], 'archived')
      await store.ingest(communityId, [message('a', 1)], 'pending')
      const keys = [message('a', 1), message('a', 1), message('unknown', 1)]
      await store.settle(communityId, keys, 'archived')
      await store.settle(communityId, keys, 'too-large')
      expect(await store.summary(communityId)).toStrictEqual({ messages: 1, pending: 0, oldest: 1, newest: 1 })
    })

    it('finds a late message pending although what is around it was settled', async () => {
      await using harness = await open()
      const { store } = harness
      const early = [message('a', 10), message('b', 20)]
      await store.ingest(communityId, early, 'pending')
      await store.settle(communityId, early, 'archived')
      const late = message('late', 15)
      await store.ingest(communityId, [...early, late], 'pending')
      expect(await pending(store)).toStrictEqual([late])
    })

    it('takes a pending message for archived that an archive brings, and never the other way', async () => {
      await using harness = await open()
      const { store } = harness
      const both = message('both', 1)
      await store.ingest(communityId, [both], 'pending')
      expect(await store.ingest(communityId, [both], 'archived')).toStrictEqual({ stored: 0, known: 1 })
      expect(await pending(store)).toStrictEqual([])
      expect(await store.ingest(communityId, [both], 'pending')).toStrictEqual({ stored: 0, known: 1 })
      expect(await pending(store)).toStrictEqual([])
      expect(await store.summary(communityId)).toMatchObject({ messages: 1, pending: 0 })
    })

    it('settles many at once', async () => {
      await using harness = await open()
      const { store } = harness
      const messages = Array.from({ length: 9000 }, (_, index) => message(`m${index}`, index))
      await store.ingest(communityId, messages, 'pending')
      await store.settle(communityId, messages.slice(0, 8999), 'archived')
      expect(await pending(store)).toStrictEqual(messages.slice(8999))
    })

    it('forgets a community and nothing else', async () => {
      await using harness = await open()
      const messages = Array.from({ length: 12_000 }, (_, index) => message(`m${index}`, index))
      await harness.store.ingest(communityId, messages, 'pending')
      await harness.store.ingest(other, messages.slice(0, 3), 'pending')
      await harness.store.deleteCommunity(communityId)
      await harness.store.deleteCommunity(communityId)
      const store = await harness.restart()
      expect(await range(store)).toStrictEqual([])
      expect(await store.summary(communityId)).toStrictEqual({ messages: 0, pending: 0 })
      expect(await store.summary(other)).toMatchObject({ messages: 3 })
      expect(await store.ingest(communityId, messages.slice(0, 2), 'pending')).toStrictEqual({ stored: 2, known: 0 })
    })
  })
}
