import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { nodeOf, startWakuPair, testPubsubTopic } from '@annals/channels/waku/testing'
import { communityIdOfPrivateKey, encodeCommunityDescription, sign, toHex } from '@annals/crypto'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import type { ServiceContext } from '@annals/service'
import { addControlled, addMember, openTestNode, privateKeyOf, waitForEvent } from '@annals/service/testing'
import type { CarriedMessage } from '@annals/waku'
import { beforeAll, describe, expect, it } from 'vitest'
import { collector } from './collector.ts'
import { held, until } from './testing/open-collecting-node.ts'
import { senderPublicKey, sentMessage } from './testing/sent-message.ts'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Publishes by one node; resolves once its own store has the message. */
async function send(by: { readonly url: string }, message: CarriedMessage): Promise<CarriedMessage> {
  const node = nodeOf(by)
  await node.publish(testPubsubTopic, message.message)
  const time = message.message.timestampNanoseconds
  const query = {
    pubsubTopic: testPubsubTopic,
    contentTopics: [message.message.contentTopic],
    fromNanoseconds: time,
    toNanoseconds: time,
  }
  while (!(await node.storedHashes(query)).has(message.hash));
  return message
}

async function ask({ bus }: ServiceContext, communityId: string): Promise<void> {
  const id = `HistorySyncRequested/${communityId}/1`
  const now = Math.floor(Date.now() / 1000)
  await bus.publish({ id, name: 'HistorySyncRequested', communityId, payload: { since: now - 600, until: now + 60 } })
}

describe('collector on real Waku nodes', () => {
  it('keeps what was sent before it ran and what is sent while it runs, and says what a store lacks', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const communityId = communityIdOfPrivateKey(privateKeyOf(31))
    const say = async (text: string): Promise<CarriedMessage> =>
      send(pair.second, await sentMessage({ communityId, channelId: 'general', data: bytes(text) }))
    const first = await say('heard by both')
    while ((await nodeOf(pair.first).storedHashes({ ...query(first) })).size === 0);
    await pair.first.link.cut('refuse')
    const second = await say('heard by one')

    await using node = await openTestNode({
      env: {
        ANNALS_WAKU_RELAYS: pair.first.url,
        ANNALS_WAKU_STORES: [pair.first.url, pair.second.url].join(),
      },
    })
    const { context } = node
    await addControlled(context, 31)
    await ask(context, communityId)
    await node.start(collector)
    const { payload } = await waitForEvent(context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({
      gaveUp: false,
      refusedMessages: {},
      stores: [
        { node: pair.first.url, failure: '', messages: 1, missingMessages: 1 },
        { node: pair.second.url, failure: '', messages: 2, missingMessages: 0 },
      ],
    })
    // Not before: nodes that find each other again tell each other what they heard lately.
    await pair.first.link.heal()
    await pair.untilLinked()
    const third = await say('while it runs')
    await until(async () => (await context.messages.pendingCount(communityId)) === 3)
    const kept = await held(context, communityId)
    // Within a second the order is that of the hashes.
    expect(kept.map(({ hash }) => toHex(hash).slice(2)).sort()).toEqual(
      [first, second, third].map(({ hash }) => hash).sort(),
    )
    expect(kept.every(({ sig }) => Buffer.from(sig).equals(senderPublicKey))).toBe(true)
  })

  it('has what other stores have where one is silent', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    await using silent = await startSilent()
    const communityId = communityIdOfPrivateKey(privateKeyOf(32))
    await send(pair.second, await sentMessage({ communityId, channelId: 'general', data: bytes('said') }))
    await using node = await openTestNode({
      env: { ANNALS_WAKU_STORES: [silent.url, pair.second.url].join(), ANNALS_WAKU_STORE_SECONDS: '1' },
    })
    await addControlled(node.context, 32)
    await ask(node.context, communityId)
    await node.start(collector)
    const { payload } = await waitForEvent(node.context, communityId, 'HistorySynced')
    expect(payload.storeSync).toMatchObject({
      gaveUp: false,
      stores: [
        { node: silent.url, messages: 0 },
        { node: pair.second.url, failure: '', messages: 1 },
      ],
    })
    expect(payload.storeSync?.stores[0]?.failure).not.toBe('')
  })

  it('learns the chats of a community that is joined from its description', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const communityId = communityIdOfPrivateKey(privateKeyOf(33))
    await send(pair.second, await sentMessage({ communityId, channelId: 'lobby', data: bytes('early') }))
    await using node = await openTestNode({
      env: { ANNALS_WAKU_RELAYS: pair.first.url, ANNALS_WAKU_STORES: pair.second.url },
    })
    const { context } = node
    await addMember(context, communityId)
    await node.start(collector)
    const data = await encodeCommunityDescription({
      communityId,
      clock: 1,
      name: 'Test',
      channels: [{ channelId: 'lobby', name: 'Lobby' }],
      archiveMagnetLinkClockMilliseconds: 0,
      encryption: undefined,
      sign: (hash) => sign(privateKeyOf(33), hash),
    })
    await send(pair.second, await sentMessage({ communityId, channelId: '', data }))
    const { payload } = await waitForEvent(context, communityId, 'CommunityChatsChanged')
    expect(payload.chats).toEqual([{ channelId: 'lobby', name: 'Lobby' }])
    await until(async () => (await context.messages.pendingCount(communityId)) === 1)
  })
})

function query({ message: { contentTopic } }: CarriedMessage) {
  return { pubsubTopic: testPubsubTopic, contentTopics: [contentTopic] }
}

/** Takes connections and says nothing. */
async function startSilent(): Promise<AsyncDisposable & { readonly url: string }> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
