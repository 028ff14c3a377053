import {
  chatId,
  communityIdOfPrivateKey,
  contentTopic,
  deriveSymmetricKey,
  decryptWakuPayload,
  fromHex,
  wakuContentTopic,
} from '@annals/crypto'
import type { Engines, ServiceContext } from '@annals/service'
import { Faults, addControlled, eventsOf, privateKeyOf, testFolder, waitForEvent } from '@annals/service/testing'
import { historySyncs } from '@annals/storage'
import { WakuTimeoutError } from '@annals/waku'
import type { CarriedMessage } from '@annals/waku'
import { memoryStore } from '@annals/waku/testing'
import { describe, expect, it } from 'vitest'
import { collector } from './collector.ts'
import { held, openCollectingNode } from './testing/open-collecting-node.ts'
import { carried, senderPublicKey, sentMessage } from './testing/sent-message.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const since = 1_700_000_000
const until = since + 1_000
const second = 1_000_000_000n

async function ask({ bus }: ServiceContext, communityId: string): Promise<void> {
  const id = `HistorySyncRequested/${communityId}/1`
  await bus.publish({ id, name: 'HistorySyncRequested', communityId, payload: { since, until } })
}

function said(text: string, seconds: number): Promise<CarriedMessage> {
  const timestampNanoseconds = BigInt(since + seconds) * second + 123_456_789n
  return sentMessage({ communityId, channelId: 'general', data: bytes(text), timestampNanoseconds })
}

/** The one that `addControlled` adds. */
const communityId = communityIdOfPrivateKey(privateKeyOf(7))

describe('history sync from stores', () => {
  it('keeps each message exactly as an archive has it, and says what each store had', async () => {
    const messages = await Promise.all(['a', 'b', 'c'].map((text, at) => said(text, at)))
    const late = await said('late', 1_001)
    const [one, other] = [memoryStore('one', [...messages, late]), memoryStore('other', messages.slice(1))]
    await using node = await openCollectingNode([one.node, other.node])
    const { context } = node
    await addControlled(context)
    // Messages that are old enough are asked for by the sync alone.
    await node.start(collector)
    await ask(context, communityId)
    const { payload } = await waitForEvent(context, communityId, 'HistorySynced')
    expect(payload).toMatchObject({ since, until, oldestMessage: since, newestMessage: since + 2 })
    expect(payload.storeSync).toMatchObject({ newMessages: 3, knownMessages: 0, refusedMessages: {}, gaveUp: false })
    expect(payload.storeSync?.stores).toMatchObject([
      { node: 'one', failure: '', messages: 3, missingMessages: 0, missingSpans: [] },
      { node: 'other', failure: '', messages: 2, missingMessages: 1, missingSpans: [{ from: since, to: since }] },
    ])
    const kept = await held(context, communityId)
    const [first] = messages
    if (first === undefined) throw new Error('there is one')
    const key = await deriveSymmetricKey(chatId(communityId, 'general'))
    const { padding } = await decryptWakuPayload(first.message.payload, key)
    expect(kept.length).toBe(3)
    expect(kept[0]).toStrictEqual({
      sig: senderPublicKey,
      timestamp: since,
      topic: contentTopic(chatId(communityId, 'general')),
      payload: bytes('a'),
      padding: new Uint8Array(padding),
      hash: fromHex(`0x${first.hash}`),
      thirdPartyId: '',
    })
    expect(await context.messages.pendingCount(communityId)).toBe(3)
    expect((await Array.fromAsync(context.state.collection(historySyncs).list())).length).toBe(0)
  })

  it('counts what cannot be kept by the reason, and keeps the rest', async () => {
    const good = await said('good', 1)
    const contentTopicText = wakuContentTopic(chatId(communityId, 'general'))
    const noise = carried({
      payload: bytes('anything of no key, and long enough for a nonce'),
      contentTopic: contentTopicText,
      timestampNanoseconds: BigInt(since) * second,
    })
    const store = memoryStore('one', [noise, good])
    await using node = await openCollectingNode([store.node])
    await addControlled(node.context)
    await node.start(collector)
    await ask(node.context, communityId)
    const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({ newMessages: 1, refusedMessages: { 'not-for-the-chat': 1 } })
  })

  it('goes on after a crash behind the page that was kept last', async () => {
    await using folder = await testFolder()
    const messages = await Promise.all(Array.from({ length: 700 }, (_, at) => said(`message ${at}`, at)))
    const store = memoryStore('one', messages)
    const kept = Promise.withResolvers<void>()
    {
      await using node = await openCollectingNode([store.node], { folder: folder.path })
      await addControlled(node.context)
      store.before = async (query, signal) => {
        // The first 500 make a page; to know that it is whole the store is asked for one message more.
        const pages = store.queries.filter(({ toNanoseconds }) => toNanoseconds !== undefined).length
        if (query.toNanoseconds === undefined || pages < 7) return
        kept.resolve()
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
      }
      await ask(node.context, communityId)
      const running = await node.start(collector)
      await kept.promise
      await running[Symbol.asyncDispose]()
      expect(await eventsOf(node.context, communityId, 'HistorySynced')).toEqual([])
    }
    store.before = () => {}
    store.queries.length = 0
    await using node = await openCollectingNode([store.node], { folder: folder.path })
    await node.start(collector)
    const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({ newMessages: 700, stores: [{ messages: 700 }] })
    const asked = store.queries.find(({ toNanoseconds }) => toNanoseconds !== undefined)
    expect(asked?.fromNanoseconds).toBe((messages[499]?.message.timestampNanoseconds ?? 0n) + 1n)
    expect((await held(node.context, communityId)).length).toBe(700)
  })

  it('is answered at last where no store answers, and says so', async () => {
    const silent = memoryStore('silent', [])
    silent.before = () => {
      throw new WakuTimeoutError('silent', 'query the store', 1)
    }
    await using node = await openCollectingNode([silent.node], {
      env: { ANNALS_WAKU_STORE_SECONDS: '1', ANNALS_WAKU_GIVE_UP_SECONDS: '2' },
    })
    await addControlled(node.context)
    await node.start(collector)
    await ask(node.context, communityId)
    const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({ gaveUp: true, newMessages: 0 })
    expect(payload.storeSync?.stores[0]?.failure).toMatch(/^(WakuTimeoutError|StoreTooSlowError)/)
    // Tried again before it was given up.
    const tries = silent.queries.filter(({ toNanoseconds }) => toNanoseconds !== undefined)
    expect(tries.length).toBeGreaterThan(1)
  })

  it('waits for one store no longer than it may, and has what the others have', async () => {
    const store = memoryStore('one', [await said('a', 1)])
    const silent = memoryStore('silent', [])
    silent.before = (_, signal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
    await using node = await openCollectingNode([silent.node, store.node], { env: { ANNALS_WAKU_STORE_SECONDS: '1' } })
    await addControlled(node.context)
    await node.start(collector)
    await ask(node.context, communityId)
    const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({ gaveUp: false, newMessages: 1 })
    expect(payload.storeSync?.stores.map(({ failure }) => failure.split(':')[0])).toEqual(['StoreTooSlowError', ''])
  })

  it('begins anew where the chats are others than they were in the try before', async () => {
    const store = memoryStore('one', [await said('a', 1)])
    await using node = await openCollectingNode([store.node])
    await addControlled(node.context)
    const earlier = { place: '0123456789abcdef.0.1700000000000000000', waitedSeconds: 0 }
    const counts = { newMessages: 9, knownMessages: 9, refusedMessages: {}, stores: [] }
    const rows = node.context.state.collection(historySyncs)
    await rows.put(`HistorySyncRequested/${communityId}/1`, { ...earlier, ...counts }, 0)
    await ask(node.context, communityId)
    await node.start(collector)
    const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({ newMessages: 1, knownMessages: 0 })
  })

  it('ends the same wherever an effect fails once', async () => {
    const messages = [await said('a', 1), await said('b', 2)]
    const run = async (at?: number): Promise<readonly string[]> => {
      const faults = new Faults(at)
      await using node = await openCollectingNode([memoryStore('one', messages).node], {
        wrapEngines: (engines) => ({ ...engines, ...faulty(engines, faults) }),
      })
      await addControlled(node.context)
      await ask(node.context, communityId)
      await node.start(collector)
      const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
      expect(payload).toMatchObject({ oldestMessage: since + 1, newestMessage: since + 2 })
      expect(payload.storeSync).toMatchObject({ gaveUp: false, stores: [{ node: 'one', failure: '', messages: 2 }] })
      expect((await held(node.context, communityId)).length).toBe(2)
      return faults.moments
    }
    const moments = await run()
    expect(moments.some((moment) => moment.includes('messages.ingest'))).toBe(true)
    for (const at of moments.keys()) await run(at)
  })
})

/** Messages and history syncs fail; what the community needs to be there at all does not. */
function faulty(engines: Engines, faults: Faults): Pick<Engines, 'messages' | 'state'> {
  const { messages, state } = faults.wrap(engines)
  const { name } = historySyncs
  return {
    messages,
    state: {
      collection: (definition) => (definition.name === name ? state : engines.state).collection(definition),
      scrub: () => engines.state.scrub(),
      [Symbol.asyncDispose]: () => engines.state[Symbol.asyncDispose](),
    },
  }
}
