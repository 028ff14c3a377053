import { randomUUID } from 'node:crypto'
import { startWaku } from '@annals/local-servers'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import { openWakuFeed, queryStores } from '@annals/waku'
import type { WakuNode } from '@annals/waku'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ChannelMessage, CommunityChannel } from '../community-channel.ts'
import { ChannelClosedError, ChannelUnavailableError } from '../errors.ts'
import { MessageNotConfirmedError } from './errors.ts'
import { openWakuChannel } from './open-waku-channel.ts'
import type { WakuChannelOptions } from './open-waku-channel.ts'
import { nodeOf, startWakuPair, testPubsubTopic } from './testing/start-waku-pair.ts'
import { testCodec } from './testing/test-codec.ts'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = ({ payload }: ChannelMessage): string => new TextDecoder().decode(payload)
const { signal } = new AbortController()
const pubsubTopicOf = (): string => testPubsubTopic

interface Opened extends AsyncDisposable {
  readonly channel: CommunityChannel
}

/** A channel as one process has it. */
function open(
  world: string,
  relays: readonly WakuNode[],
  stores: readonly WakuNode[],
  more: Partial<WakuChannelOptions> & { readonly catchUpMilliseconds?: number } = {},
): Opened {
  const feed = openWakuFeed({ relays, stores, pollMilliseconds: 50, catchUpMilliseconds: 500, ...more })
  const settleMilliseconds = 200
  const codec = testCodec(world)
  const channel = openWakuChannel({ feed, relays, stores, codec, pubsubTopicOf, settleMilliseconds, ...more })
  return {
    channel,
    async [Symbol.asyncDispose]() {
      await channel[Symbol.asyncDispose]()
      await feed[Symbol.asyncDispose]()
    },
  }
}

function reader(channel: CommunityChannel, after?: string): AsyncIterator<ChannelMessage> {
  return channel.receive('chat', { signal, ...(after === undefined ? {} : { after }) })[Symbol.asyncIterator]()
}

async function next(messages: AsyncIterator<ChannelMessage>, count: number): Promise<ChannelMessage[]> {
  const received: ChannelMessage[] = []
  while (received.length < count) received.push((await messages.next()).value)
  return received
}

async function nextTexts(messages: AsyncIterator<ChannelMessage>, count: number): Promise<string[]> {
  return (await next(messages, count)).map(text)
}

describe('Waku channel over nodes that fail', () => {
  it('brings each message once across the kill of the node that it listens to', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    await using listens = open(world, [first], [first, second])
    await using speaks = open(world, [second], [second])
    const messages = reader(listens.channel)
    await speaks.channel.publish('chat', bytes('before'))
    expect(await nextTexts(messages, 1)).toStrictEqual(['before'])
    await pair.first.kill()
    const waiting = nextTexts(messages, 2)
    await speaks.channel.publish('chat', bytes('meanwhile'))
    await pair.first.start()
    await pair.untilLinked()
    await speaks.channel.publish('chat', bytes('after'))
    expect(await waiting).toStrictEqual(['meanwhile', 'after'])
  })

  it('does not take a message as published that nobody hears, and sends it again until somebody does', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    await using listens = open(world, [first], [first])
    // The sending node has a store too, which holds what nobody else heard.
    await using speaks = open(world, [second], [second, first])
    const messages = reader(listens.channel)
    await pair.first.link.cut('refuse')
    let isPublished = false
    const publishing = speaks.channel.publish('chat', bytes('into the dark')).then(() => (isPublished = true))
    await untilStored(second, world)
    expect(isPublished).toBe(false)
    await pair.first.link.heal()
    await publishing
    await speaks.channel.publish('chat', bytes('in the light'))
    expect(await nextTexts(messages, 2)).toStrictEqual(['into the dark', 'in the light'])
  })

  it('reads once what a silent link brings late and what was sent again meanwhile', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    await using listens = open(world, [first], [first, second])
    await using speaks = open(world, [second], [second, first])
    const messages = reader(listens.channel)
    await pair.first.link.cut('silent')
    const publishing = speaks.channel.publish('chat', bytes('slow'))
    await untilStored(second, world, 2)
    await pair.first.link.heal()
    await publishing
    await pair.untilLinked()
    await speaks.channel.publish('chat', bytes('quick'))
    expect(await nextTexts(messages, 2)).toStrictEqual(['slow', 'quick'])
  })

  it('says that a message is not confirmed where no store has it in the time given', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    await using speaks = open(randomUUID(), [second], [second, first], { publishMilliseconds: 300 })
    await pair.first.link.cut('refuse')
    const error = await speaks.channel.publish('chat', bytes('lost')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ChannelUnavailableError)
    expect((error as Error).cause).toBeInstanceOf(MessageNotConfirmedError)
    expect((error as Error).cause).toMatchObject({ limitMilliseconds: 300, hashes: [expect.any(String)] })
    await pair.second.kill()
    const refused = await speaks.channel.publish('chat', bytes('lost too')).catch((thrown: unknown) => thrown)
    expect((refused as Error).cause).toBeInstanceOf(MessageNotConfirmedError)
  })

  it('goes on behind a cursor with what came while it was away, whichever store answers', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    await using speaks = open(world, [second], [first])
    const texts = Array.from({ length: 30 }, (_, number) => `message ${number}`)
    for (const each of texts.slice(0, 10)) await speaks.channel.publish('chat', bytes(each))
    const cursors: string[] = []
    {
      await using listens = open(world, [first], [first])
      const received = await next(reader(listens.channel), 10)
      expect(received.map(text)).toStrictEqual(texts.slice(0, 10))
      cursors.push(...received.map(({ cursor }) => cursor))
    }
    for (const each of texts.slice(10)) await speaks.channel.publish('chat', bytes(each))
    await pair.first.kill()
    await using other = open(world, [second], [first, second])
    expect(await nextTexts(reader(other.channel, cursors[9]), 20)).toStrictEqual(texts.slice(10))
    expect(await nextTexts(reader(other.channel, cursors[3]), 26)).toStrictEqual(texts.slice(4))
  })

  it('reads each message once that comes by two relays and stands in two stores', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const both = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    await using one = open(world, both, both)
    await using other = open(world, both, both)
    const messages = reader(one.channel)
    const texts = Array.from({ length: 20 }, (_, number) => `message ${number}`)
    for (const each of texts) await other.channel.publish('chat', bytes(each))
    expect(await nextTexts(messages, 20)).toStrictEqual(texts)
  })

  it('publishes by lightpush through a node that has dialled another', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    await using listens = open(world, [first], [first])
    await using speaks = open(world, [second], [first], { publishBy: 'lightpush' })
    await speaks.channel.publish('chat', bytes('pushed'))
    expect(await nextTexts(reader(listens.channel), 1)).toStrictEqual(['pushed'])
  })

  it('listens to hundreds of chats with one loop for each node', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    let drains = 0
    const counting: WakuNode = {
      ...first,
      drain(topic, signal) {
        drains += 1
        return first.drain(topic, signal)
      },
    }
    await using listens = open(world, [counting], [first])
    await using speaks = open(world, [second], [first])
    const chats = Array.from({ length: 300 }, (_, index) => `chat ${index}`)
    const began = performance.now()
    const waiting = chats.map((chat) => listens.channel.receive(chat, { signal })[Symbol.asyncIterator]().next())
    await Promise.all(chats.map((chat) => speaks.channel.publish(chat, bytes(`to ${chat}`))))
    const received = await Promise.all(waiting)
    expect(received.map(({ value }) => text(value as ChannelMessage))).toStrictEqual(chats.map((chat) => `to ${chat}`))
    // A full drain is followed by another one at once.
    expect(drains).toBeLessThan((performance.now() - began) / 50 + chats.length)
  })

  it('does not find what only the sending node and its own memory have, and has others take it again', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const own = nodeOf(pair.second)
    const stores = [nodeOf(pair.first), own]
    await using speaks = open(randomUUID(), [own], stores)
    const options = { sinceMilliseconds: Date.now() - 60_000, signal }
    await speaks.channel.publish('chat', bytes('kept'))
    expect(await speaks.channel.holds('chat', bytes('kept'), options)).toBe(true)
    // The store node has gone, and another one that is empty stands in its place.
    await using replaced = await startWaku({ peers: [pair.first.multiaddr] })
    stores.splice(0, 1, nodeOf(replaced))
    expect(await speaks.channel.holds('chat', bytes('kept'), options)).toBe(false)
    await speaks.channel.publish('chat', bytes('kept'))
    expect(await speaks.channel.holds('chat', bytes('kept'), options)).toBe(false)
    await speaks.channel.publish('chat', bytes('kept'), { again: true })
    expect(await speaks.channel.holds('chat', bytes('kept'), options)).toBe(true)
    await replaced.kill()
    expect(await speaks.channel.holds('chat', bytes('kept'), options)).toBe('unknown')
    // One that is away says nothing of what another one has.
    stores.push(nodeOf(pair.first))
    expect(await speaks.channel.holds('chat', bytes('kept'), options)).toBe(true)
  })

  it('says to who still uses it that it is closed', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const { channel, ...opened } = open(randomUUID(), [second], [first])
    const waiting = reader(channel)
      .next()
      .catch((thrown: unknown) => thrown)
    await pair.first.link.cut('refuse')
    const publishing = channel.publish('chat', bytes('a')).catch((thrown: unknown) => thrown)
    await opened[Symbol.asyncDispose]()
    expect(await waiting).toBeInstanceOf(ChannelClosedError)
    expect(await publishing).toBeInstanceOf(ChannelClosedError)
    await expect(channel.publish('chat', bytes('b'))).rejects.toBeInstanceOf(ChannelClosedError)
  })
})

describe('queryStores over real nodes', () => {
  it('tells of a store that is away, and of what it lacks when it is back', async (test) => {
    await using pair = await startOrSkip(test, startWakuPair)
    const [first, second] = [nodeOf(pair.first), nodeOf(pair.second)]
    const world = randomUUID()
    const contentTopic = testCodec(world).contentTopicOf('chat')
    const topics = [{ pubsubTopic: testPubsubTopic, contentTopic }]
    const ask = async (): Promise<readonly object[]> => {
      const reading = queryStores({ stores: [first, second], topics, signal, patienceMilliseconds: 0 })
      const pages = await Array.fromAsync(reading)
      expect(pages.flatMap(({ messages }) => messages)).toHaveLength(30)
      return reading.reports()
    }
    await using speaks = open(world, [second], [second])
    const numbers = Array.from({ length: 30 }, (_, number) => number)
    for (const number of numbers.slice(0, 5)) await speaks.channel.publish('chat', bytes(`message ${number}`))
    await pair.first.kill()
    for (const number of numbers.slice(5)) await speaks.channel.publish('chat', bytes(`message ${number}`))
    expect(await ask()).toMatchObject([
      { node: pair.first.url, failure: { name: 'WakuUnreachableError' }, messages: 0 },
      { node: pair.second.url, failure: undefined, messages: 30, missing: 0 },
    ])
    await pair.first.start()
    expect(await ask()).toMatchObject([
      { failure: undefined, messages: 5, missing: 25, missingSpans: [{ messages: 25 }] },
      { failure: undefined, messages: 30, missing: 0, missingSpans: [] },
    ])
  })
})

/** Resolves once a node's own store has so many messages of the chat. */
async function untilStored(node: WakuNode, world: string, count = 1): Promise<void> {
  const contentTopics = [testCodec(world).contentTopicOf('chat')]
  while ((await node.storedHashes({ pubsubTopic: testPubsubTopic, contentTopics })).size < count);
}
