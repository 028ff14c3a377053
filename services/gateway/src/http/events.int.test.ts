import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EventBus, ReadOptions } from '@annals/events'
import { eventId } from '@annals/events'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import { askHttp, operatorOf, reasonOf } from '../testing/http-client.ts'
import { ask } from '../testing/test-gateway.ts'

interface Frame {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

/** A reader of the stream; disposing goes away. */
interface Reader extends Disposable {
  readonly response: IncomingMessage
  /** The next event; `undefined` when the stream has ended. */
  next(): Promise<Frame | undefined>
}

let gateway: TestGateway
let token: string
let communityId: string
beforeAll(async () => {
  gateway = await startTestGateway()
  token = await operatorOf(gateway)
  communityId = await addCommunity('One')
})
afterAll(() => gateway[Symbol.asyncDispose]())

async function addCommunity(name: string): Promise<string> {
  const controlNode = { privateKey: Buffer.alloc(0) }
  const { community } = await ask(gateway.client, 'addCommunity', { controlNode, name, chats: [] })
  return community?.communityId ?? ''
}

async function read(from: TestGateway, query: string, headers: Record<string, string>): Promise<Reader> {
  const asking = request({ host: '127.0.0.1', port: from.http?.port, path: `/api/v1/events${query}`, headers })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const lines = createInterface(response)[Symbol.asyncIterator]()
  const next = async (): Promise<Frame | undefined> => {
    let frame: Record<string, string> = {}
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) return undefined
      const [, field, text] = /^(\w+): (.*)$/.exec(value) ?? []
      if (field !== undefined && field !== 'retry') frame = { ...frame, [field]: text ?? '' }
      else if (value === '' && frame['event'] !== undefined) return frame
    }
  }
  return { response, next, [Symbol.dispose]: () => asking.destroy() }
}

function follow(query = '', headers: Record<string, string> = {}): Promise<Reader> {
  return read(gateway, query, { authorization: `Bearer ${token}`, ...headers })
}

it('brings events as they come, with their position as id', async () => {
  using reader = await follow()
  expect(reader.response.headers['content-type']).toBe('text/event-stream')
  await ask(gateway.client, 'enableArchiving', { communityId })
  const frame = await reader.next()
  expect(frame).toMatchObject({ event: 'ArchivingEnabled', id: String(await gateway.context.bus.lastSequence()) })
  expect(JSON.parse(frame?.data ?? '')).toMatchObject({ name: 'ArchivingEnabled', communityId, source: 'gateway' })
})

it('goes on behind Last-Event-ID, whatever the address says', async () => {
  await ask(gateway.client, 'disableArchiving', { communityId })
  using reader = await follow('?after=0', { 'last-event-id': '1' })
  expect(await reader.next()).toMatchObject({ id: '2' })
  using whole = await follow('?after=0')
  expect(await whole.next()).toMatchObject({ id: '1', event: 'CommunityAdded' })
})

it('begins with what comes for who was further than the log is now, as after it was set back', async () => {
  using reader = await follow('', { 'last-event-id': '1000000' })
  const before = await gateway.context.bus.lastSequence()
  await addCommunity('Next')
  expect(await reader.next()).toMatchObject({ event: 'CommunityAdded', id: String(before + 1) })
})

it('is of one community, or of some names, where that is asked for', async () => {
  const other = await addCommunity('Other')
  await ask(gateway.client, 'enableArchiving', { communityId: other })
  using reader = await follow(`?after=0&communityId=${other}&names=ArchivingEnabled,ArchivingDisabled`)
  expect(await reader.next()).toMatchObject({ event: 'ArchivingEnabled' })
})

it('tells owners of their own communities alone', async () => {
  const own = await addCommunity('Own')
  const { secret } = await ask(gateway.client, 'createToken', { label: 'owner', communityIds: [own] })
  using reader = await follow('?after=0', { authorization: `Bearer ${secret}` })
  const frame = await reader.next()
  expect(JSON.parse(frame?.data ?? '')).toMatchObject({ communityId: own })
  const foreign = await askHttp(gateway, `/api/v1/events?communityId=${communityId}`, { token: secret })
  expect(reasonOf(foreign)).toBe('NOT_ALLOWED')
})

it('refuses what is no position, no name and no community', async () => {
  for (const [query, headers] of [
    ['?after=-1', {}],
    ['?after=1.5', {}],
    ['', { 'last-event-id': 'DROP TABLE events' }],
    ['', { 'last-event-id': '9'.repeat(30) }],
    ['?names=Nothing', {}],
    ['?communityId=0x12', {}],
    ['?follow=true', {}],
  ] as const) {
    const answer = await askHttp(gateway, `/api/v1/events${query}`, { token, headers })
    expect(answer.status).toBe(400)
    expect(reasonOf(answer)).toBe('INVALID_REQUEST')
  }
})

it('ends with a reason when the token is revoked', async () => {
  await using short = await startTestGateway({ httpLimits: { heartbeatSeconds: 0.05 } })
  const controlNode = { privateKey: Buffer.alloc(0) }
  const { community } = await ask(short.client, 'addCommunity', { controlNode, name: 'One', chats: [] })
  const { secret, token: info } = await ask(short.client, 'createToken', {
    label: '',
    communityIds: [community?.communityId ?? ''],
  })
  using reader = await read(short, '', { authorization: `Bearer ${secret}` })
  await ask(short.client, 'revokeToken', { tokenId: info?.tokenId ?? '' })
  const end = await reader.next()
  expect(end?.event).toBe('end')
  expect(JSON.parse(end?.data ?? '')).toMatchObject({ type: 'urn:annals:problem:TOKEN_MISSING_OR_WRONG' })
  expect(await reader.next()).toBeUndefined()
})

it('ends with a reason when the node stops', async () => {
  await using stopped = await startTestGateway()
  using reader = await read(stopped, '', { authorization: `Bearer ${await operatorOf(stopped)}` })
  await stopped.stop()
  expect(JSON.parse((await reader.next())?.data ?? '')).toMatchObject({ type: 'urn:annals:problem:NODE_STOPPING' })
})

it('lets a reader go that takes nothing, and reads no further for it meanwhile', async () => {
  const ended = Promise.withResolvers<number>()
  let log: EventBus | undefined
  const counting = (bus: EventBus): EventBus => {
    log = bus
    return Object.assign(Object.create(bus) as EventBus, {
      lastSequence: () => bus.lastSequence(),
      async *read(options: ReadOptions) {
        let events = 0
        try {
          for await (const event of bus.read(options)) {
            events += 1
            yield event
          }
        } finally {
          ended.resolve(events)
        }
      },
    })
  }
  await using slow = await startTestGateway({
    httpLimits: { slowReaderSeconds: 0.2 },
    override: ({ bus }) => ({ bus: counting(bus) }),
  })
  const id = `0x02${'ab'.repeat(32)}`
  for (let at = 0; at < 100; at += 1)
    await log?.publish({
      id: eventId('SeedingStarted', id, at),
      name: 'SeedingStarted',
      communityId: id,
      payload: { infoHash: '', magnetLink: 'x'.repeat(200_000), generation: at, sizeBytes: 0 },
    })
  const socket = connect(slow.http?.port ?? 0, '127.0.0.1')
  socket.pause()
  socket.on('error', () => undefined)
  const authorization = `Bearer ${await operatorOf(slow)}`
  socket.write(`GET /api/v1/events?after=0 HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n\r\n`)
  expect(await ended.promise).toBeLessThan(100)
  socket.destroy()
})

it('is open no more often for one address than is good', async () => {
  await using many = await startTestGateway()
  const headers = { authorization: `Bearer ${await operatorOf(many)}` }
  await using stack = new AsyncDisposableStack()
  for (let at = 0; at < 20; at += 1) stack.use(await read(many, '', headers))
  const refused = await askHttp(many, '/api/v1/events', { headers })
  expect(reasonOf(refused)).toBe('TOO_MANY_STREAMS')
})
