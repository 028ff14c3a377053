import { allServices } from '@annals/annals'
import { chatId, deriveSymmetricKey, encryptWakuPayload, sign, wakuContentTopic } from '@annals/crypto'
import { openTestNode, privateKeyOf } from '@annals/service/testing'
import type { TestNode } from '@annals/service/testing'
import { openWakuNode } from '@annals/waku'

const pubsubTopic = '/waku/2/rs/16/32'
export const weekSeconds = 604_800

/** Somebody's messages in the chat "general", as a chat application sends them. */
export async function talk(url: string, communityId: string, texts: readonly string[]): Promise<void> {
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

/** A node with nothing started; the network is its only way to others, beside BitTorrent. Its clock is a week ahead. */
export async function openWakuTestNode(relay: string, stores: readonly string[], tracker: string): Promise<TestNode> {
  const node = await openTestNode({
    env: {
      ANNALS_CHANNEL: 'waku',
      ANNALS_WAKU_RELAYS: relay,
      ANNALS_WAKU_STORES: stores.join(),
      ANNALS_TRACKERS: tracker,
    },
  })
  // A week after what is said now: it is due at once.
  node.context.clock.now = Math.floor(Date.now() / 1000) + weekSeconds + 60
  return node
}

export async function startAll(node: TestNode): Promise<void> {
  for (const service of allServices) if (service.name !== 'gateway') await node.start(service)
}
