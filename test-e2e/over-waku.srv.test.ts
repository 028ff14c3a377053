import { allServices } from '@annals/annals'
import { startWakuPair } from '@annals/channels/waku/testing'
import {
  chatId,
  communityIdOfPrivateKey,
  deriveSymmetricKey,
  encryptWakuPayload,
  sign,
  wakuContentTopic,
} from '@annals/crypto'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import type { ServiceContext } from '@annals/service'
import { addControlled, addMember, openTestNode, privateKeyOf, waitForEvent } from '@annals/service/testing'
import type { TestNode } from '@annals/service/testing'
import { startTracker } from '@annals/torrents/tracker'
import { openWakuNode } from '@annals/waku'
import { beforeAll, expect, it } from 'vitest'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const pubsubTopic = '/waku/2/rs/16/32'
const week = 604_800
const texts = ['one', 'two', 'three']

/** Somebody's messages, as a chat application sends them. */
async function talk(url: string, communityId: string): Promise<void> {
  const chat = chatId(communityId, 'general')
  const symmetricKey = await deriveSymmetricKey(chat)
  const node = openWakuNode({ url })
  for (const text of texts) {
    const data = new TextEncoder().encode(text)
    await node.publish(pubsubTopic, {
      payload: await encryptWakuPayload({ data, symmetricKey, sign: (hash) => sign(privateKeyOf(99), hash) }),
      contentTopic: wakuContentTopic(chat),
      meta: new Uint8Array(),
      version: 1,
      timestampNanoseconds: BigInt(Date.now()) * 1_000_000n,
      isEphemeral: false,
    })
  }
}

/** A node with all services; the network is its only way to others, beside BitTorrent. */
async function openNode(relay: string, stores: readonly string[], tracker: string): Promise<TestNode> {
  const node = await openTestNode({
    env: {
      ANNALS_CHANNEL: 'waku',
      ANNALS_WAKU_RELAYS: relay,
      ANNALS_WAKU_STORES: stores.join(),
      ANNALS_TRACKERS: tracker,
    },
  })
  // A week after what is said now: it is due at once.
  node.context.clock.now = Math.floor(Date.now() / 1000) + week + 60
  return node
}

async function startAll(node: TestNode): Promise<void> {
  for (const service of allServices) if (service.name !== 'gateway') await node.start(service)
}

async function said({ messages }: ServiceContext, communityId: string): Promise<string[]> {
  const all = (await Array.fromAsync(messages.range(communityId, {}))).flat()
  return all.map(({ payload }) => new TextDecoder().decode(payload)).sort()
}

it('what is said on Waku is sealed, announced on Waku, and fetched by a member that heard nothing of it', async (test) => {
  await using pair = await startOrSkip(test, startWakuPair)
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
  const stores = [pair.first.url, pair.second.url]
  const communityId = communityIdOfPrivateKey(privateKeyOf(51))
  await talk(pair.second.url, communityId)
  await using control = await openNode(pair.first.url, stores, tracker.announceUrl)
  await using member = await openNode(pair.second.url, stores, tracker.announceUrl)
  // It knows no chat, so what it has of the messages comes from archives.
  await addMember(member.context, communityId)
  await startAll(member)
  await startAll(control)
  await addControlled(control.context, 51)
  const { payload: announced } = await waitForEvent(control.context, communityId, 'MagnetLinkDispatched')
  const { payload: received } = await waitForEvent(member.context, communityId, 'MagnetLinkReceived')
  expect(received.magnetLink).toBe(announced.magnetLink)
  const { payload: finished } = await waitForEvent(member.context, communityId, 'DownloadFinished')
  expect(finished).toMatchObject({ messagesImported: 3, messagesKnown: 0, messagesSetAside: 0 })
  expect(await said(member.context, communityId)).toEqual(texts.toSorted())
  expect(await said(control.context, communityId)).toEqual(texts.toSorted())
}, 60_000)
