import { describe, expect, it } from 'vitest'
import { WakuRateLimitedError, WakuRefusedError, WakuUnreachableError } from '../errors.ts'
import { memoryStore } from '../testing/memory-store.ts'
import type { MemoryStore } from '../testing/memory-store.ts'
import { sampleMessage, sampleTopic } from '../testing/sample-messages.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { Drained, WakuNode } from '../waku-node.ts'
import type { Listening } from './listeners.ts'
import { openWakuFeed } from './open-waku-feed.ts'
import type { WakuFeed, WakuFeedOptions } from './open-waku-feed.ts'

interface MemoryRelay {
  readonly node: WakuNode
  /** What the next drains answer; nothing new after them. */
  readonly answers: (CarriedMessage[] | Error)[]
  readonly calls: string[]
}

function memoryRelay(): MemoryRelay {
  const relay: MemoryRelay = {
    answers: [],
    calls: [],
    node: {
      ...memoryStore('relay', []).node,
      async subscribe(topics) {
        relay.calls.push(`subscribe ${topics.join()}`)
      },
      async drain(topic): Promise<Drained> {
        relay.calls.push(`drain ${topic}`)
        const answer = relay.answers.shift() ?? []
        if (answer instanceof Error) throw answer
        return { messages: answer, refused: [] }
      },
    },
  }
  return relay
}

interface Heard {
  readonly listening: Listening
  /** Resolves once so many different messages were heard. */
  until(count: number): Promise<string[]>
}

function listen(feed: WakuFeed, topic = sampleTopic): Heard {
  const heard = new Set<string>()
  let changed = Promise.withResolvers<void>()
  const listening = feed.listen(topic, ({ hash }) => {
    heard.add(hash)
    changed.resolve()
  })
  return {
    listening,
    async until(count) {
      while (heard.size < count) {
        await changed.promise
        changed = Promise.withResolvers()
      }
      return [...heard]
    },
  }
}

const hashes = (messages: readonly CarriedMessage[]): string[] => messages.map(({ hash }) => hash)
const now = (): number => 1_732_000_000_000

function open(relay: MemoryRelay, store: MemoryStore, more: Partial<WakuFeedOptions> = {}): WakuFeed {
  const beats = { pollMilliseconds: 1, catchUpMilliseconds: 3_600_000 }
  return openWakuFeed({ relays: [relay.node], stores: [store.node], now, ...beats, ...more })
}

describe('WakuFeed', () => {
  it('asks nothing of any node before somebody listens', async () => {
    const [relay, store] = [memoryRelay(), memoryStore('store', [])]
    await using _feed = open(relay, store)
    expect([...relay.calls, ...store.queries]).toStrictEqual([])
  })

  it('tells each listener of its own topic only', async () => {
    const other = { ...sampleTopic, contentTopic: '/waku/1/0x00000001/rfc26' }
    const elsewhere = { ...sampleTopic, pubsubTopic: '/waku/2/rs/16/33' }
    const relay = memoryRelay()
    relay.answers.push([sampleMessage(1), sampleMessage(2, other), sampleMessage(3, elsewhere), sampleMessage(4)])
    await using feed = open(relay, memoryStore('store', []))
    const [own, others] = [listen(feed), listen(feed, other)]
    expect(await own.until(2)).toStrictEqual(hashes([sampleMessage(1), sampleMessage(4)]))
    expect(await others.until(1)).toStrictEqual(hashes([sampleMessage(2, other)]))
  })

  it('subscribes again where a node has forgotten, and asks the stores for what came meanwhile', async () => {
    const missed = [sampleMessage(1), sampleMessage(2)]
    const [relay, store] = [memoryRelay(), memoryStore('store', missed)]
    await using feed = open(relay, store)
    const heard = listen(feed)
    heard.listening.caughtUp(now())
    expect(await heard.until(2)).toStrictEqual(hashes(missed))
    store.messages.push(sampleMessage(3))
    relay.answers.push(new WakuRefusedError('relay', 'hand over what came', 404, 'Not subscribed to topic'))
    expect(await heard.until(3)).toContain(sampleMessage(3).hash)
    expect(relay.calls.filter((call) => call.startsWith('subscribe'))).toHaveLength(2)
  })

  it.for([
    new WakuUnreachableError('relay', 'hand over what came', 'cut'),
    new WakuRateLimitedError('relay', 'hand over what came', undefined),
    new WakuRefusedError('relay', 'hand over what came', 500, 'no'),
  ])('asks the stores where a drain fails, whose messages are lost: $name', async (failure) => {
    const [relay, store] = [memoryRelay(), memoryStore('store', [])]
    await using feed = open(relay, store)
    const heard = listen(feed)
    heard.listening.caughtUp(now())
    store.messages.push(sampleMessage(1))
    relay.answers.push(failure, [sampleMessage(2)])
    expect((await heard.until(2)).toSorted()).toStrictEqual(hashes([sampleMessage(1), sampleMessage(2)]).toSorted())
  })

  it('asks the stores where a node may have had no room for all that came', async () => {
    const came = Array.from({ length: 50 }, (_, number) => sampleMessage(number))
    const [relay, store] = [memoryRelay(), memoryStore('store', [])]
    await using feed = open(relay, store)
    const heard = listen(feed)
    heard.listening.caughtUp(now())
    store.messages.push(sampleMessage(50))
    relay.answers.push(came)
    expect(await heard.until(51)).toContain(sampleMessage(50).hash)
  })

  it('asks the stores on a beat, also for what came late, and says up to when nothing is missing', async () => {
    let time = now()
    const late = sampleMessage(1, sampleTopic, BigInt(now() - 60_000) * 1_000_000n)
    const tooLate = sampleMessage(2, sampleTopic, BigInt(now() - 200_000) * 1_000_000n)
    const [relay, store] = [memoryRelay(), memoryStore('store', [])]
    const beats = { catchUpMilliseconds: 5, overlapMilliseconds: 100_000, now: () => time }
    await using feed = open(relay, store, beats)
    const heard = listen(feed)
    expect(heard.listening.completeUntilMilliseconds).toBe(undefined)
    heard.listening.caughtUp(time)
    time += 1_000
    store.messages.push(late, tooLate)
    expect(await heard.until(1)).toStrictEqual([late.hash])
    // The next question comes after what the last one answered was handed over.
    const asked = store.queries.length
    await new Promise<void>((resolve) => {
      store.before = () => {
        if (store.queries.length > asked + 1) resolve()
      }
    })
    expect(heard.listening.completeUntilMilliseconds).toBe(now() + 1_000)
  })

  it('does not count as complete what no store answered', async () => {
    const [relay, store] = [memoryRelay(), memoryStore('store', [sampleMessage(1)])]
    const refusal = new WakuRefusedError('store', 'query the store', 400, 'no')
    store.before = () => {
      if (store.queries.length < 3) throw refusal
    }
    await using feed = open(relay, store, { catchUpMilliseconds: 5 })
    const heard = listen(feed)
    heard.listening.caughtUp(now() - 5_000)
    expect(await heard.until(1)).toStrictEqual([sampleMessage(1).hash])
    expect(store.queries.map(({ fromNanoseconds }) => fromNanoseconds)).toStrictEqual(
      Array.from({ length: 3 }, () => BigInt(now() - 5_000 - 3_600_000) * 1_000_000n),
    )
  })

  it('tells nobody who has stopped listening', async () => {
    const relay = memoryRelay()
    await using feed = open(relay, memoryStore('store', []))
    const heard: string[] = []
    feed.listen(sampleTopic, ({ hash }) => heard.push(hash))[Symbol.dispose]()
    relay.answers.push([sampleMessage(1)])
    const other = listen(feed)
    await other.until(1)
    expect(heard).toStrictEqual([])
  })
})
