import type { ImportRecord as ApiRecord, StreamMessagesResponse, WakuMessage } from '@annals/proto/api/v1'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { communityIdOfPrivateKey, keccak256 } from '@annals/crypto'
import { readImported } from '@annals/imports'
import { status } from '@grpc/grpc-js'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, converse, failure, startTestGateway } from './testing/test-gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

let keys = 0
const newKey = (): Buffer => Buffer.from(keccak256(new TextEncoder().encode(`message key ${keys++}`)))

async function addControlled(): Promise<string> {
  const request = { controlNode: { privateKey: newKey() }, name: '', chats: [] }
  return (await ask(gateway.client, 'addCommunity', request)).community?.communityId ?? ''
}

async function addMember(): Promise<string> {
  const communityId = communityIdOfPrivateKey(newKey())
  await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
  return communityId
}

async function held(communityId: string, range: { from?: number; to?: number } = {}): Promise<WakuMessage[]> {
  const messages: WakuMessage[] = []
  for await (const response of gateway.client.streamMessages({ communityId, ...range }))
    messages.push(...(response as StreamMessagesResponse).messages)
  return messages
}

const message = (i: number, change: Partial<WakuMessage> = {}): WakuMessage => ({
  sig: Buffer.alloc(65, 4),
  timestamp: 1000 + i,
  topic: Buffer.from([1, 2, 3, 4]),
  payload: Buffer.from(`payload ${i}`),
  padding: Buffer.from([1]),
  hash: Buffer.from(keccak256(new TextEncoder().encode(`hash ${i}`))),
  thirdPartyId: '',
  ...change,
})

const record = (i: number, change: Partial<ApiRecord> = {}): ApiRecord => ({
  sourceId: `id-${i}`,
  channelId: 'c1',
  channelName: 'general',
  authorId: 'a1',
  authorName: 'ada',
  authorNickname: '',
  authorAvatarUrl: '',
  timestamp: 1000 + i,
  text: `text ${i} 😀`,
  type: 'Default',
  replyTo: '',
  attachments: [],
  ...change,
})

describe('IngestMessages', () => {
  it('answers each request when its messages are stored, and leaves known ones alone', async () => {
    const communityId = await addMember()
    const call = gateway.client.ingestMessages()
    const answers = await converse(call, [
      { communityId, messages: [message(0), message(1)] },
      { communityId, messages: [message(1), message(2)] },
    ])
    expect(answers).toEqual([
      { stored: 2, known: 0, rejected: [] },
      { stored: 1, known: 1, rejected: [] },
    ])
    expect((await held(communityId)).map(({ timestamp }) => timestamp)).toEqual([1000, 1001, 1002])
  })

  it('takes messages of several communities in one call', async () => {
    const [one, other] = [await addMember(), await addMember()]
    const call = gateway.client.ingestMessages()
    await converse(
      call,
      [one, other].map((communityId) => ({ communityId, messages: [message(0)] })),
    )
    expect([(await held(one)).length, (await held(other)).length]).toEqual([1, 1])
  })

  it('sets aside what cannot be a message, says which, and stores the others', async () => {
    const communityId = await addMember()
    const messages = [
      message(0),
      message(1, { hash: Buffer.alloc(31) }),
      message(2, { topic: Buffer.alloc(0) }),
      message(3, { timestamp: 0 }),
      message(4, { timestamp: 2 ** 32 }),
      message(5, { sig: Buffer.alloc(64) }),
      message(6, { thirdPartyId: 'x'.repeat(513) }),
      message(7, { sig: Buffer.alloc(0) }),
    ]
    const [answer] = await converse(gateway.client.ingestMessages(), [{ communityId, messages }])
    expect(answer?.stored).toBe(2)
    expect(answer?.rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('fails for a community that is unknown or was left; what was answered before stands', async () => {
    const communityId = await addMember()
    const unknown = communityIdOfPrivateKey(newKey())
    const call = converse(gateway.client.ingestMessages(), [
      { communityId, messages: [message(0)] },
      { communityId: unknown, messages: [message(0)] },
    ])
    expect(await failure(call)).toMatchObject({ code: status.NOT_FOUND, reason: 'COMMUNITY_UNKNOWN' })
    expect(await held(communityId)).toHaveLength(1)
    await ask(gateway.client, 'leaveCommunity', { communityId })
    const afterwards = converse(gateway.client.ingestMessages(), [{ communityId, messages: [message(1)] }])
    expect(await failure(afterwards)).toMatchObject({ reason: 'COMMUNITY_LEFT' })
  })

  it('refuses a request that is larger than any may be', async () => {
    const communityId = await addMember()
    const messages = [message(0, { payload: Buffer.alloc(17 * 1024 * 1024) })]
    const call = converse(gateway.client.ingestMessages(), [{ communityId, messages }])
    expect(await failure(call)).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    const many = Array.from({ length: 10_001 }, (_, i) => message(i))
    const tooMany = converse(gateway.client.ingestMessages(), [{ communityId, messages: many }])
    expect(await failure(tooMany)).toMatchObject({ code: status.INVALID_ARGUMENT, fields: ['messages'] })
  })
})

describe('ImportMessages', () => {
  it('makes signed messages and chats of records, and adds only what is new when done again', async () => {
    const communityId = await addControlled()
    const records = [record(0), record(1), record(2, { channelId: 'c2', channelName: 'random', replyTo: 'id-0' })]
    const [first] = await converse(gateway.client.importMessages(), [{ communityId, records }])
    expect(first).toMatchObject({ stored: 3, known: 0, repeated: 0, rejected: [] })
    expect(first?.newChats.map((chat) => chat.name)).toEqual(['general', 'random'])
    const [again] = await converse(gateway.client.importMessages(), [{ communityId, records: [...records, record(3)] }])
    expect(again).toMatchObject({ stored: 1, known: 3, newChats: [] })
    const { community } = await ask(gateway.client, 'getCommunity', { communityId })
    const messages = (await held(communityId)).map((each) => readImported(each))
    expect(messages.map(({ text }) => text)).toEqual(['text 0 😀', 'text 1 😀', 'text 2 😀', 'text 3 😀'])
    expect(messages[2]).toMatchObject({ channelId: community?.chats[1]?.channelId, replyTo: 'id-0', author: 'ada' })
  })

  it('counts a record that comes again in the same import once, and says so', async () => {
    const communityId = await addControlled()
    const answers = await converse(gateway.client.importMessages(), [
      { communityId, records: [record(0), record(0), record(1)] },
      { communityId: '', records: [record(1), record(2)] },
    ])
    expect(answers.map(({ stored, known, repeated }) => [stored, known, repeated])).toEqual([
      [2, 0, 1],
      [1, 0, 1],
    ])
  })

  it('sets aside records that cannot be used', async () => {
    const communityId = await addControlled()
    const records = [
      record(0, { sourceId: '' }),
      record(1, { timestamp: 0 }),
      record(2, { authorId: 'a\u0000' }),
      record(3),
    ]
    const [answer] = await converse(gateway.client.importMessages(), [{ communityId, records }])
    expect(answer?.stored).toBe(1)
    expect(answer?.rejected.map(({ index }) => index)).toEqual([0, 1, 2])
  })

  it('comes to the same when it was cut off and is done again', async () => {
    const communityId = await addControlled()
    const requests = [0, 1, 2].map((part) => ({ communityId, records: [0, 1, 2].map((i) => record(part * 3 + i)) }))
    const cut = gateway.client.importMessages()
    cut.on('error', () => undefined)
    cut.write(requests[0] as (typeof requests)[0])
    await new Promise((resolve) => cut.once('data', resolve))
    cut.cancel()
    const answers = await converse(gateway.client.importMessages(), requests)
    expect(answers.map(({ stored, known }) => [stored, known])).toEqual([
      [0, 3],
      [3, 0],
      [3, 0],
    ])
  })

  it('adds every channel, though two imports add theirs at the same time', async () => {
    const communityId = await addControlled()
    const channels = Array.from({ length: 4 }, (_, i) => `channel-${i}`)
    await Promise.all(
      channels.map((channelId, i) =>
        converse(gateway.client.importMessages(), [
          { communityId, records: [record(i, { channelId, channelName: channelId })] },
        ]),
      ),
    )
    const { community } = await ask(gateway.client, 'getCommunity', { communityId })
    expect(community?.chats.map((chat) => chat.name).toSorted()).toEqual(channels)
  })

  it('is for the control node alone, and for one community a call', async () => {
    const member = await addMember()
    const refused = converse(gateway.client.importMessages(), [{ communityId: member, records: [record(0)] }])
    expect(await failure(refused)).toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'NOT_CONTROL_NODE' })
    const [one, other] = [await addControlled(), await addControlled()]
    const mixed = converse(
      gateway.client.importMessages(),
      [one, other].map((communityId) => ({ communityId, records: [] })),
    )
    expect(await failure(mixed)).toMatchObject({ code: status.INVALID_ARGUMENT, fields: ['community_id'] })
  })
})

describe('StreamMessages', () => {
  it('gives the messages of a range in order, in answers of bounded size', async () => {
    const communityId = await addMember()
    const payload = Buffer.alloc(20_000, 1)
    const messages = Array.from({ length: 200 }, (_, i) => message(i, { payload }))
    await converse(gateway.client.ingestMessages(), [{ communityId, messages: messages.toReversed() }])
    const sizes: number[] = []
    const times: number[] = []
    for await (const each of gateway.client.streamMessages({ communityId, from: 1010, to: 1190 })) {
      const response = each as StreamMessagesResponse
      sizes.push(response.messages.reduce((sum, { payload }) => sum + payload.length, 0))
      times.push(...response.messages.map(({ timestamp }) => timestamp))
    }
    expect(times).toEqual(Array.from({ length: 180 }, (_, i) => 1010 + i))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024)
  })

  it('refuses a range that ends before it begins', async () => {
    const communityId = await addMember()
    expect(await failure(held(communityId, { from: 5, to: 4 }))).toMatchObject({ fields: ['to'] })
    expect(await failure(held(communityId, { from: -1 }))).toMatchObject({ fields: ['from'] })
  })

  it('waits for a slow reader rather than gathering what it does not take', async () => {
    const communityId = await addMember()
    const payload = Buffer.alloc(100_000, 1)
    const messages = Array.from({ length: 100 }, (_, i) => message(i, { payload }))
    await converse(gateway.client.ingestMessages(), [{ communityId, messages }])
    const call = gateway.client.streamMessages({ communityId })
    const first = await new Promise<StreamMessagesResponse>((resolve) => call.once('data', resolve))
    call.pause()
    expect(first.messages.length).toBeGreaterThan(0)
    // The call is still open, half read, and others are served meanwhile.
    expect((await ask(gateway.client, 'getStatus', { communityId })).communities[0]?.messages).toBe(100)
    let rest = 0
    for await (const each of call) rest += (each as StreamMessagesResponse).messages.length
    expect(rest + first.messages.length).toBe(100)
  })
})
