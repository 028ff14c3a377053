import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidStorePlaceError, StoresUnavailableError, StoreTooSlowError, WakuAnswerError } from '../errors.ts'
import { WakuRefusedError, WakuUnreachableError } from '../errors.ts'
import { memoryStore } from '../testing/memory-store.ts'
import { sampleMessage, sampleTopic } from '../testing/sample-messages.ts'
import type { CarriedMessage } from '../waku-message.ts'
import { queryStores } from './query-stores.ts'
import type { StoresQuery, StoresReading } from './query-stores.ts'

const { signal } = new AbortController()
const first = 1_732_000_000_000_000_001n

function ask(query: Partial<StoresQuery> & Pick<StoresQuery, 'stores'>): StoresReading {
  return queryStores({ topics: [sampleTopic], signal, pageSize: 20, ...query })
}

async function hashesOf(reading: StoresReading): Promise<string[]> {
  const pages = await Array.fromAsync(reading)
  return pages.flatMap(({ messages }) => messages.map(({ hash }) => hash))
}

const numbered = (count: number, from = 0): CarriedMessage[] =>
  Array.from({ length: count }, (_, index) => sampleMessage(from + index))

describe('queryStores', () => {
  it('puts together what several stores have, and says what each of them lacks and where', async () => {
    const all = numbered(250)
    const one = memoryStore(
      'one',
      all.filter((_, index) => index < 100 || index >= 150),
    )
    const other = memoryStore(
      'other',
      all.filter((_, index) => index >= 20),
    )
    const reading = ask({ stores: [one.node, other.node] })
    expect(await hashesOf(reading)).toStrictEqual(all.map(({ hash }) => hash))
    expect(reading.reports()).toMatchObject([
      {
        node: 'one',
        failure: undefined,
        messages: 200,
        missing: 50,
        missingSpans: [{ fromNanoseconds: first + 100n, toNanoseconds: first + 149n, messages: 50 }],
      },
      {
        node: 'other',
        messages: 230,
        missing: 20,
        missingSpans: [{ fromNanoseconds: first, toNanoseconds: first + 19n, messages: 20 }],
      },
    ])
  })

  it('loses and doubles nothing, whichever store has what, and counts right', async () => {
    const shares = fc.array(fc.record({ time: fc.nat(30), in: fc.integer({ min: 1, max: 7 }) }), { maxLength: 150 })
    await fc.assert(
      fc.asyncProperty(shares, fc.integer({ min: 0, max: 30 }), async (messages, from) => {
        const all = messages.map(({ time }, number) => sampleMessage(number, sampleTopic, first + BigInt(time)))
        const stores = [1, 2, 4].map((bit) =>
          memoryStore(
            `store ${bit}`,
            all.filter((_, index) => ((messages[index]?.in ?? 0) & bit) !== 0),
          ),
        )
        const fromNanoseconds = first + BigInt(from)
        const reading = ask({ stores: stores.map(({ node }) => node), fromNanoseconds })
        const wanted = all.filter(({ message }) => message.timestampNanoseconds >= fromNanoseconds)
        const found = await hashesOf(reading)
        expect(found.toSorted()).toStrictEqual(wanted.map(({ hash }) => hash).toSorted())
        for (const { messages: has, missing, missingSpans } of reading.reports()) {
          expect(has + missing).toBe(wanted.length)
          expect(missingSpans.reduce((sum, span) => sum + span.messages, 0)).toBe(missing)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('goes on behind any of its pages', async () => {
    const topics = Array.from({ length: 25 }, (_, index) => ({
      ...sampleTopic,
      contentTopic: `/waku/1/0x${String(index).padStart(8, '0')}/rfc26`,
    }))
    const all = topics.flatMap((topic, index) =>
      Array.from({ length: 80 }, (_, number) => sampleMessage(100 * index + number, topic)),
    )
    const { node } = memoryStore('one', all)
    const pages = await Array.fromAsync(ask({ stores: [node], topics }))
    expect(pages.flatMap(({ messages }) => messages)).toHaveLength(2_000)
    for (const [index, { place }] of pages.entries()) {
      const rest = await hashesOf(ask({ stores: [node], topics, after: place }))
      expect(rest).toStrictEqual(pages.slice(index + 1).flatMap(({ messages }) => messages.map(({ hash }) => hash)))
    }
  })

  it('asks for at most ten content topics at once, and in pages of 20 to 100', async () => {
    const topics = Array.from({ length: 25 }, (_, index) => ({ ...sampleTopic, contentTopic: `topic ${index}` }))
    const store = memoryStore('one', [])
    await hashesOf(ask({ stores: [store.node], topics: [...topics, ...topics], pageSize: 1_000 }))
    expect(store.queries.map(({ contentTopics, pageSize }) => [contentTopics.length, pageSize])).toStrictEqual([
      [10, 100],
      [10, 100],
      [5, 100],
    ])
  })

  it('refuses a place of another query', async () => {
    const { node } = memoryStore('one', numbered(3))
    const [page] = await Array.fromAsync(ask({ stores: [node] }))
    for (const after of [page?.place ?? '', 'nonsense', '']) {
      const refused = hashesOf(ask({ stores: [node], after, toNanoseconds: 1n }))
      await expect(refused).rejects.toBeInstanceOf(InvalidStorePlaceError)
    }
  })

  it('takes all from the others where a store fails half way, and tells of it', async () => {
    const all = numbered(100)
    const failing = memoryStore('failing', [...all])
    const failure = new WakuRefusedError('failing', 'query the store', 403, 'no more')
    failing.before = () => {
      if (failing.queries.length > 1) throw failure
    }
    const reading = ask({ stores: [failing.node, memoryStore('other', all).node] })
    expect(await hashesOf(reading)).toHaveLength(100)
    expect(reading.reports()).toMatchObject([
      { node: 'failing', failure, messages: 19, missing: 0 },
      { node: 'other', failure: undefined, messages: 100 },
    ])
  })

  it('does not wait for a store that does not answer any longer than it is told', async () => {
    const hanging = memoryStore('hanging', [])
    hanging.before = (_query, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      })
    const reading = ask({ stores: [hanging.node, memoryStore('other', numbered(10)).node], storeLimitMilliseconds: 50 })
    expect(await hashesOf(reading)).toHaveLength(10)
    expect(reading.reports()[0]?.failure).toBeInstanceOf(StoreTooSlowError)
    expect(reading.reports()[0]?.failure).toMatchObject({ node: 'hanging', limitMilliseconds: 50 })
  })

  it('asks again while a store fails for a reason that may pass', async () => {
    const store = memoryStore('one', numbered(60))
    const broken = new Set([2, 4])
    store.before = () => {
      if (broken.delete(store.queries.length)) throw new WakuUnreachableError('one', 'query the store', 'cut')
    }
    expect(await hashesOf(ask({ stores: [store.node] }))).toHaveLength(60)
    expect(store.queries).toHaveLength(5)
  })

  it('goes on where a store no longer knows the message that its cursor names', async () => {
    const store = memoryStore('one', numbered(60))
    store.before = ({ cursor }) => {
      if (store.queries.length === 2)
        store.messages.splice(0, store.messages.findIndex(({ hash }) => hash === cursor) + 1)
    }
    expect(await hashesOf(ask({ stores: [store.node] }))).toStrictEqual(numbered(60).map(({ hash }) => hash))
  })

  it('leaves a store out that knows no cursor at all where it cannot go round it', async () => {
    const store = memoryStore(
      'one',
      Array.from({ length: 60 }, (_, n) => sampleMessage(n, sampleTopic, first)),
    )
    store.before = ({ cursor }) => {
      if (cursor !== undefined) throw new WakuRefusedError('one', 'query the store', 300, 'cursor not found')
    }
    await expect(hashesOf(ask({ stores: [store.node] }))).rejects.toBeInstanceOf(StoresUnavailableError)
  })

  it('says that no store answered to the end rather than that there is nothing', async () => {
    const stores = ['one', 'other'].map((name) => memoryStore(name, numbered(40)))
    for (const store of stores)
      store.before = () => {
        if (store.queries.length > 1) throw new WakuRefusedError('one', 'query the store', 400, 'no')
      }
    const error = await hashesOf(ask({ stores: stores.map(({ node }) => node) })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoresUnavailableError)
    expect((error as StoresUnavailableError).stores.map(({ messages }) => messages)).toStrictEqual([19, 19])
    await expect(hashesOf(ask({ stores: [] }))).rejects.toBeInstanceOf(StoresUnavailableError)
  })

  it('leaves a store out whose pages lead nowhere or are not in order', async () => {
    const endless = memoryStore('endless', [])
    endless.node.storePage = async () => ({ messages: [], cursor: 'again', refused: [] })
    const backwards = memoryStore('backwards', [])
    backwards.node.storePage = async () => ({ messages: numbered(2).reverse(), cursor: undefined, refused: [] })
    const crowded = memoryStore(
      'crowded',
      Array.from({ length: 1_200 }, (_, n) => sampleMessage(n, sampleTopic, first)),
    )
    const good = memoryStore('good', numbered(5, 10))
    const reading = ask({ stores: [endless, backwards, crowded, good].map(({ node }) => node) })
    expect(await hashesOf(reading)).toHaveLength(5)
    const failures = reading.reports().map(({ failure }) => failure)
    expect(failures.map((failure) => failure instanceof WakuAnswerError)).toStrictEqual([true, true, true, false])
  })

  it('ends with the reason of its signal', async () => {
    const stop = new AbortController()
    const store = memoryStore('one', numbered(60))
    store.before = () => stop.abort(new Error('stopped'))
    await expect(hashesOf(ask({ stores: [store.node], signal: stop.signal }))).rejects.toBe(stop.signal.reason)
  })
})
