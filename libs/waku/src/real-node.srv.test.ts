import { wakuPubsubTopic } from '@annals/crypto'
import { startWaku } from '@annals/local-servers'
import type { WakuServer } from '@annals/local-servers'
import {
  givenWakuUrl,
  installWakuForTests,
  installWakuLimitMilliseconds,
  startOrSkip,
} from '@annals/local-servers/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { WakuRefusedError } from './errors.ts'
import { openWakuNode } from './open-waku-node.ts'
import { queryStores } from './store/query-stores.ts'
import { messageHash, sizeOnWireBytes } from './waku-message.ts'
import type { WakuMessage } from './waku-message.ts'
import type { WakuNode } from './waku-node.ts'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const pubsubTopic = wakuPubsubTopic({ clusterId: 16, shard: 32 })
const { signal } = new AbortController()
const start = (): Promise<WakuServer> => startWaku({ address: givenWakuUrl() })

/** Chats of its own, also on a node that others use. */
function newTopic(): string {
  return `/waku/1/0x${Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString('hex')}/rfc26`
}

function message(contentTopic: string, payload: Uint8Array, number = 0): WakuMessage {
  const timestampNanoseconds = BigInt(Date.now()) * 1_000_000n + BigInt(number)
  return { payload, contentTopic, meta: new Uint8Array(), version: 1, timestampNanoseconds, isEphemeral: false }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function drainAll(node: WakuNode, contentTopic: string, count: number): Promise<string[]> {
  const hashes: string[] = []
  while (hashes.length < count) {
    const { messages } = await node.drain(pubsubTopic)
    hashes.push(...messages.filter((each) => each.message.contentTopic === contentTopic).map(({ hash }) => hash))
  }
  return hashes
}

describe('a client of a real Waku node', () => {
  it('is told by relay and store of the very messages that it published, whatever is in them', async (test) => {
    await using server = await startOrSkip(test, start)
    const node = openWakuNode({ url: server.url })
    await node.subscribe([pubsubTopic])
    const contentTopic = newTopic()
    const sent = [
      message(contentTopic, bytes('plain'), 1),
      {
        ...message(
          contentTopic,
          Uint8Array.from({ length: 256 }, (_, index) => index),
          2,
        ),
        version: 0,
      },
      { ...message(contentTopic, bytes('with meta'), 3), meta: Uint8Array.of(0, 255, 62, 63) },
    ]
    for (const each of sent) await node.publish(pubsubTopic, each)
    const hashes = sent.map((each) => messageHash(pubsubTopic, each))
    expect((await drainAll(node, contentTopic, 3)).toSorted()).toStrictEqual(hashes.toSorted())
    const page = await node.storePage({ pubsubTopic, contentTopics: [contentTopic], pageSize: 20 })
    expect(page.messages.map(({ hash }) => hash)).toStrictEqual(hashes)
    expect(page).toMatchObject({ cursor: undefined, refused: [] })
    const [, second] = sent
    const time = second?.timestampNanoseconds ?? 0n
    const bounds = { fromNanoseconds: time, toNanoseconds: time }
    expect(await node.storedHashes({ pubsubTopic, contentTopics: [contentTopic], ...bounds })).toStrictEqual(
      new Set([hashes[1]]),
    )
  })

  it('gets all pages of many topics, in order and once', async (test) => {
    await using server = await startOrSkip(test, start)
    const node = openWakuNode({ url: server.url, requestsPerSecond: 1_000 })
    await node.subscribe([pubsubTopic])
    const contentTopics = Array.from({ length: 12 }, newTopic)
    const sent = Array.from({ length: 300 }, (_, number) =>
      message(contentTopics[number % 12] ?? '', bytes(`message ${number}`), number),
    )
    await Promise.all(sent.map((each) => node.publish(pubsubTopic, each)))
    const topics = contentTopics.map((contentTopic) => ({ pubsubTopic, contentTopic }))
    const reading = queryStores({ stores: [node], topics, pageSize: 20, signal })
    const found = (await Array.fromAsync(reading)).flatMap(({ messages }) => messages.map(({ hash }) => hash))
    expect(found.toSorted()).toStrictEqual(sent.map((each) => messageHash(pubsubTopic, each)).toSorted())
    expect(reading.reports()).toMatchObject([{ messages: 300, missing: 0, refused: 0, failure: undefined }])
  })

  it('knows how large a message the node takes', async (test) => {
    await using server = await startOrSkip(test, start)
    const node = openWakuNode({ url: server.url })
    await node.subscribe([pubsubTopic])
    const limitBytes = 150 * 1024
    const overheadBytes = sizeOnWireBytes(message(newTopic(), new Uint8Array()))
    await node.publish(pubsubTopic, message(newTopic(), new Uint8Array(limitBytes - overheadBytes).fill(1)))
    const tooLarge = node.publish(pubsubTopic, message(newTopic(), new Uint8Array(limitBytes).fill(1)))
    await expect(tooLarge).rejects.toBeInstanceOf(WakuRefusedError)
  })

  it('is told that the node is well, and where others find it', async (test) => {
    await using server = await startOrSkip(test, start)
    const node = openWakuNode({ url: server.url })
    expect(await node.health()).toMatchObject({ isReady: true })
    expect(await node.addresses()).toStrictEqual(expect.arrayContaining([expect.stringMatching(/^\/.+\/p2p\//)]))
  })
})
