import {
  RatchetCache,
  chatId,
  communityIdOfPrivateKey,
  createGroupKey,
  encodeCommunityDescription,
  fromHex,
  keccak256,
  sign,
  toHex,
  wakuContentTopic,
} from '@annals/crypto'
import type { GroupKey } from '@annals/crypto'
import { SegmentMessage } from '@annals/proto/status/v1/segment'
import type { ServiceContext } from '@annals/service'
import { addControlled, addMember, eventsOf, privateKeyOf, testFolder, waitForEvent } from '@annals/service/testing'
import { chatCoverage, communityDescriptions, describedClocks, refusals } from '@annals/storage'
import { WakuTimeoutError } from '@annals/waku'
import type { CarriedMessage } from '@annals/waku'
import { memoryStore } from '@annals/waku/testing'
import { describe, expect, it, vi } from 'vitest'
import { collector } from './collector.ts'
import { held, openCollectingNode, until } from './testing/open-collecting-node.ts'
import { sentMessage } from './testing/sent-message.ts'

/** The one that `addControlled` adds. */
const communityId = communityIdOfPrivateKey(privateKeyOf(7))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const hours = 3_600_000

function said(text: string, { channelId = 'general', ageMilliseconds = 0 } = {}): Promise<CarriedMessage> {
  const timestampNanoseconds = BigInt(Date.now() - ageMilliseconds) * 1_000_000n
  return sentMessage({ communityId, channelId, data: bytes(text), timestampNanoseconds })
}

interface Described {
  readonly channels?: readonly string[]
  readonly key?: Uint8Array
  readonly groupKey?: GroupKey
  readonly magnetClock?: number
}

function description(
  clock: number,
  { channels = [], key = privateKeyOf(7), groupKey, magnetClock = 0 }: Described,
): Promise<Uint8Array> {
  return encodeCommunityDescription({
    communityId: communityIdOfPrivateKey(key),
    clock,
    name: 'Test',
    channels: channels.map((channelId) => ({ channelId, name: channelId.toUpperCase() })),
    archiveMagnetLinkClockMilliseconds: magnetClock,
    encryption: groupKey && { key: groupKey, seqNo: 1, ratchet: new RatchetCache() },
    sign: (hash) => sign(key, hash),
  })
}

async function described(clock: number, options: Described = {}): Promise<CarriedMessage> {
  return sentMessage({ communityId, channelId: '', data: await description(clock, options) })
}

/** A part of a message as status-go cuts it. */
function segmentOf(whole: Uint8Array, index: number, segmentsCount: number): Uint8Array {
  const segmentBytes = Math.ceil(whole.length / segmentsCount)
  const payload = Buffer.from(whole.slice(index * segmentBytes, (index + 1) * segmentBytes))
  const entireMessageHash = Buffer.from(keccak256(whole))
  return SegmentMessage.encode(
    SegmentMessage.fromPartial({ entireMessageHash, index, segmentsCount, payload }),
  ).finish()
}

async function texts(context: ServiceContext): Promise<string[]> {
  return (await held(context, communityId)).map(({ payload }) => new TextDecoder().decode(payload)).sort()
}

const untilHeld = (context: ServiceContext, ...expected: string[]): Promise<void> =>
  until(async () => (await texts(context)).join() === [...expected].sort().join())

async function coverageOf({ state }: ServiceContext, channelId: string): Promise<number> {
  return (await state.collection(chatCoverage).get(communityId))?.value.untilMilliseconds[channelId] ?? 0
}

async function chatsOf({ registry }: ServiceContext): Promise<string[]> {
  return (await registry.get(communityId))?.chats.map(({ channelId }) => channelId) ?? []
}

const topicOf = (channelId: string): string => wakuContentTopic(chatId(communityId, channelId))

describe('messages that come', () => {
  it('are kept, with those that the stores had of the last 30 days', async () => {
    const store = memoryStore('one', [await said('before', { ageMilliseconds: 24 * hours })])
    await using node = await openCollectingNode([store.node])
    await addControlled(node.context)
    await node.start(collector)
    await untilHeld(node.context, 'before')
    node.feed.tell(await said('now'))
    await untilHeld(node.context, 'before', 'now')
    expect(await node.context.messages.pendingCount(communityId)).toBe(2)
    expect(Number(store.queries[0]?.fromNanoseconds) / 1e6).toBeCloseTo(Date.now() - 30 * 24 * hours, -6)
  })

  it('are listened for on the chats as they come and go, for as long as the community is joined', async () => {
    await using node = await openCollectingNode([memoryStore('one', []).node])
    const { context, feed } = node
    await node.start(collector)
    expect(feed.topics()).toEqual([])
    await addControlled(context)
    await until(() => feed.topics().includes(topicOf('general')))
    const chats = [{ channelId: 'random', name: 'Random' }]
    await context.registry.execute(communityId, { type: 'ChangeChats', chats }, 'test')
    await until(() => feed.topics().includes(topicOf('random')) && !feed.topics().includes(topicOf('general')))
    feed.tell(await said('gone', { channelId: 'general' }))
    feed.tell(await said('new', { channelId: 'random' }))
    await untilHeld(context, 'new')
    await context.registry.execute(communityId, { type: 'LeaveCommunity' }, 'test')
    await until(() => feed.topics().length === 0)
  })

  it('of a chat that appears later are asked for as far back as stores reach', async () => {
    const store = memoryStore('one', [await said('old', { channelId: 'random', ageMilliseconds: 29 * 24 * hours })])
    await using node = await openCollectingNode([store.node])
    const { context } = node
    await addControlled(context)
    await node.start(collector)
    await until(async () => (await context.state.collection(chatCoverage).get(communityId)) !== undefined)
    const chats = ['general', 'random'].map((channelId) => ({ channelId, name: channelId }))
    await context.registry.execute(communityId, { type: 'ChangeChats', chats }, 'test')
    await untilHeld(context, 'old')
    expect(await context.messages.pendingCount(communityId)).toBe(1)
  })

  it('are written once, however often they come', async () => {
    await using node = await openCollectingNode([memoryStore('one', []).node])
    const { context, feed } = node
    const ingest = vi.spyOn(context.messages, 'ingest')
    await addControlled(context)
    await node.start(collector)
    await until(() => feed.topics().includes(topicOf('general')))
    const first = await said('first')
    feed.tell(first)
    await untilHeld(context, 'first')
    for (const message of [first, await said('second'), first]) feed.tell(message)
    await untilHeld(context, 'first', 'second')
    const written = ingest.mock.calls.flatMap(([, messages]) => messages)
    expect(written.map(({ payload }) => new TextDecoder().decode(payload))).toStrictEqual(['first', 'second'])
  })

  it('are kept also while no store answers, which are asked until one does', async () => {
    const store = memoryStore('one', [await said('before', { ageMilliseconds: hours })])
    let isSilent = true
    store.before = () => {
      if (isSilent) throw new WakuTimeoutError('one', 'query the store', 1)
    }
    await using node = await openCollectingNode([store.node], { env: { ANNALS_WAKU_STORE_SECONDS: '1' } })
    await addControlled(node.context)
    await node.start(collector)
    await until(() => node.feed.topics().includes(topicOf('general')))
    node.feed.tell(await said('now'))
    await untilHeld(node.context, 'now')
    expect(store.queries.length).toBeGreaterThan(0)
    isSilent = false
    await untilHeld(node.context, 'before', 'now')
  })

  it('that were too many at once are had from the stores', async () => {
    const flood = await Promise.all(Array.from({ length: 1_200 }, (_, at) => said(`message ${at}`)))
    const store = memoryStore('one', [])
    await using node = await openCollectingNode([store.node])
    await addControlled(node.context)
    await node.start(collector)
    await until(async () => (await node.context.state.collection(chatCoverage).get(communityId)) !== undefined)
    store.messages.push(...flood)
    for (const message of flood) node.feed.tell(message)
    await until(async () => (await node.context.messages.pendingCount(communityId)) === flood.length)
    // Once at the start, and again after the loss.
    expect(store.queries.filter(({ cursor }) => cursor === undefined).length).toBeGreaterThan(1)
  })

  it('while the process was away are asked for from where it had come to', async () => {
    await using folder = await testFolder()
    const store = memoryStore('one', [])
    {
      await using node = await openCollectingNode([store.node], { folder: folder.path })
      await addControlled(node.context)
      await node.start(collector)
      await until(async () => (await node.context.state.collection(chatCoverage).get(communityId)) !== undefined)
    }
    store.queries.length = 0
    store.messages.push(await said('meanwhile'))
    await using node = await openCollectingNode([store.node], { folder: folder.path })
    await node.start(collector)
    await untilHeld(node.context, 'meanwhile')
    expect(Number(store.queries[0]?.fromNanoseconds) / 1e6).toBeGreaterThan(Date.now() - 2 * hours)
  })
})

describe('a community’s chats', () => {
  it('follow the description with the highest clock, and their messages are had', async () => {
    const store = memoryStore('one', [await said('old', { channelId: 'b', ageMilliseconds: 48 * hours })])
    store.messages.push(await described(2, { channels: ['a', 'b'] }))
    await using node = await openCollectingNode([store.node])
    const { context, feed } = node
    await addMember(context, communityId)
    await node.start(collector)
    await untilHeld(context, 'old')
    expect(await chatsOf(context)).toEqual(['a', 'b'])
    feed.tell(await described(1, { channels: ['outdated'] }))
    feed.tell(await described(4, { channels: ['forged'], key: privateKeyOf(8) }))
    feed.tell(await described(3, { channels: ['b', 'c'] }))
    await until(async () => (await chatsOf(context)).join() === 'b,c')
    const changes = await eventsOf(context, communityId, 'CommunityChatsChanged')
    expect(changes.map(({ source }) => source)).toEqual(['collector', 'collector'])
    expect(changes[0]?.payload.chats).toEqual([
      { channelId: 'a', name: 'A' },
      { channelId: 'b', name: 'B' },
    ])
  })

  it('follow a description that came in segments, in whatever order, and refuse segments that are none', async () => {
    const store = memoryStore('one', [])
    await using node = await openCollectingNode([store.node])
    const { context, feed } = node
    await addMember(context, communityId)
    await node.start(collector)
    const channels = Array.from({ length: 30 }, (_, at) => `channel-${100 + at}`)
    const whole = await description(1, { channels })
    const tell = async (index: number): Promise<void> =>
      feed.tell(await sentMessage({ communityId, channelId: '', data: segmentOf(whole, index, 3) }))
    await until(() => feed.topics().length > 0)
    for (const index of [2, 0, 5, 1]) await tell(index)
    await until(async () => (await chatsOf(context)).join() === channels.join())
    await context.refusals.flush()
    const counted = await context.state.collection(refusals).get(`${communityId}/message`)
    expect(counted?.value.reasons).toMatchObject({ 'bad-segment': { count: 1 } })
    expect(await held(context, communityId)).toEqual([])
  })

  it('stay as an operator gave them, until he takes his list back', async () => {
    const store = memoryStore('one', [await described(1, { channels: ['a'] })])
    await using node = await openCollectingNode([store.node])
    const { context } = node
    await addControlled(context)
    await node.start(collector)
    await until(async () => (await context.state.collection(communityDescriptions).get(communityId)) !== undefined)
    node.feed.tell(await said('now'))
    await untilHeld(context, 'now')
    expect(await chatsOf(context)).toEqual(['general'])
    await context.registry.execute(communityId, { type: 'ChangeChats', chats: [] }, 'test')
    await until(async () => (await chatsOf(context)).join() === 'a')
  })

  it('are left alone where the description hides them and the key is missing', async () => {
    const groupKey = createGroupKey({
      groupId: fromHex(communityId),
      randomBytes: new Uint8Array(48).fill(3),
      nowMilliseconds: 1,
      lastTimestampMilliseconds: undefined,
    })
    const store = memoryStore('one', [await described(1, { channels: ['a'] })])
    await using node = await openCollectingNode([store.node])
    const { context, feed } = node
    await addMember(context, communityId)
    await node.start(collector)
    await waitForEvent(context, communityId, 'CommunityChatsChanged')
    feed.tell(await described(2, { channels: ['hidden'], groupKey }))
    feed.tell(await said('after', { channelId: 'a' }))
    await untilHeld(context, 'after')
    expect(await chatsOf(context)).toEqual(['a'])
    expect((await context.state.collection(communityDescriptions).get(communityId))?.value.clock).toBe(1)
  })

  it('come with the clock of the newest announcement, also in what is hidden, and what is forged is counted', async () => {
    const groupKey = createGroupKey({
      groupId: fromHex(communityId),
      randomBytes: new Uint8Array(48).fill(3),
      nowMilliseconds: 1,
      lastTimestampMilliseconds: undefined,
    })
    const store = memoryStore('one', [await described(1, { channels: ['a'], magnetClock: 70 })])
    await using node = await openCollectingNode([store.node])
    const { context, feed } = node
    await addMember(context, communityId)
    await node.start(collector)
    const clock = async () =>
      (await context.state.collection(describedClocks).get(communityId))?.value.clockMilliseconds
    await until(async () => (await clock()) === 70)
    feed.tell(await described(4, { magnetClock: 99, key: privateKeyOf(8) }))
    feed.tell(await described(3, { magnetClock: 60 }))
    feed.tell(await described(5, { channels: ['hidden'], magnetClock: 80, groupKey }))
    await until(async () => (await clock()) === 80)
    const counted = async () => {
      await context.refusals.flush()
      return (await context.state.collection(refusals).get(`${communityId}/message`))?.value.reasons
    }
    await until(async () => (await counted())?.['hidden-description'] !== undefined)
    expect(await counted()).toMatchObject({ 'foreign-description': { count: 1 }, 'hidden-description': { count: 1 } })
  })

  it('are read when the key comes, out of what the stores still have', async () => {
    const groupKey = createGroupKey({
      groupId: fromHex(communityId),
      randomBytes: new Uint8Array(48).fill(3),
      nowMilliseconds: 1,
      lastTimestampMilliseconds: undefined,
    })
    const store = memoryStore('one', [
      await described(1, { channels: ['a'] }),
      await described(2, { channels: ['hidden'], groupKey }),
    ])
    await using node = await openCollectingNode([store.node])
    const { context } = node
    await addMember(context, communityId)
    await node.start(collector)
    // The look into the stores is over, and found the second one hidden.
    await until(async () => (await coverageOf(context, '')) > 0)
    expect(await chatsOf(context)).toEqual(['a'])
    const { info } = await context.keys.groups.putRead(communityId, groupKey)
    const payload = { keyId: toHex(info.keyId), groupId: toHex(info.groupId) }
    const id = `GroupKeyAdded/${communityId}/${payload.keyId}`
    await context.bus.publish({ id, name: 'GroupKeyAdded', communityId, payload })
    await until(async () => (await chatsOf(context)).join() === 'hidden')
  })
})
