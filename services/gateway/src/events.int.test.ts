import type { StreamEventsResponse, WatchProgressResponse } from '@annals/proto/api/v1'
import type { EventBus, ReadOptions, StoredEvent } from '@annals/events'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { communityIdOfPrivateKey, keccak256 } from '@annals/crypto'
import { UndecodableEventError, eventCodecs, eventId } from '@annals/events'
import { status } from '@grpc/grpc-js'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

let gateway: TestGateway
const ids = ['one', 'two'].map((name) => communityIdOfPrivateKey(keccak256(new TextEncoder().encode(name))))
const [one = '', two = ''] = ids
beforeAll(async () => {
  gateway = await startTestGateway()
  for (const communityId of ids) {
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: communityId.slice(0, 6), chats: [] })
    await ask(gateway.client, 'enableArchiving', { communityId })
  }
})
afterAll(() => gateway[Symbol.asyncDispose]())

const nothing = { after: 0, names: [], communityId: '', follow: false }

async function read(request: Partial<typeof nothing> | { names: string[] }): Promise<StreamEventsResponse[]> {
  const events: StreamEventsResponse[] = []
  for await (const event of gateway.client.streamEvents({ ...nothing, ...request }))
    events.push(event as StreamEventsResponse)
  return events
}

/** A gateway over the same log, read in another way. */
function gatewayThatReads(
  read: (bus: EventBus, options?: ReadOptions) => AsyncIterable<StoredEvent>,
): Promise<TestGateway> {
  const { bus } = gateway.context
  const override = new Proxy(bus, {
    get: (target, key) =>
      key === 'read' ? (options?: ReadOptions) => read(target, options) : (Reflect.get(target, key) as unknown),
  })
  return startTestGateway({ override: () => ({ bus: override }) })
}

describe('StreamEvents', () => {
  it('gives the log in order, with payloads that their name says how to read', async () => {
    const events = await read({})
    expect(events.map(({ name, communityId }) => [name, communityId])).toEqual([
      ['CommunityAdded', one],
      ['ArchivingEnabled', one],
      ['CommunityAdded', two],
      ['ArchivingEnabled', two],
    ])
    const [first] = events
    expect(first?.payload?.typeUrl).toBe('type.googleapis.com/annals.events.v1.CommunityAdded')
    expect(eventCodecs.CommunityAdded.decode(first?.payload?.value ?? new Uint8Array())).toMatchObject({
      name: one.slice(0, 6),
    })
    expect(first).toMatchObject({ source: 'gateway' })
  })

  it('begins behind a position, and keeps to names and a community', async () => {
    const events = await read({})
    expect(await read({ after: events[1]?.sequence ?? 0 })).toEqual(events.slice(2))
    expect((await read({ communityId: two })).map(({ name }) => name)).toEqual(['CommunityAdded', 'ArchivingEnabled'])
    expect((await read({ names: ['ArchivingEnabled'] })).map(({ communityId }) => communityId)).toEqual(ids)
  })

  it('goes on with those that come, until the caller has enough', async () => {
    const after = (await read({})).at(-1)?.sequence ?? 0
    const call = gateway.client.streamEvents({ ...nothing, after, follow: true })
    call.on('error', () => undefined)
    const next = once(call, 'data')
    await ask(gateway.client, 'disableArchiving', { communityId: one })
    expect((await next)[0]).toMatchObject({ name: 'ArchivingDisabled', communityId: one })
    const ended = new Promise((resolve) => call.on('status', resolve))
    call.cancel()
    expect(await ended).toMatchObject({ code: status.CANCELLED })
  })

  it('names the field of what cannot be asked', async () => {
    expect(await failure(read({ names: ['ArchiveCreated', 'Nonsense'] }))).toMatchObject({ fields: ['names[1]'] })
    expect(await failure(read({ after: -1 }))).toMatchObject({ fields: ['after'] })
    expect(await failure(read({ communityId: 'x' }))).toMatchObject({ fields: ['community_id'] })
  })
})

describe('GetEvent', () => {
  it('gives an event by its position and by its id', async () => {
    for (const event of await read({})) {
      expect((await ask(gateway.client, 'getEvent', { sequence: event.sequence })).event).toEqual(event)
      expect((await ask(gateway.client, 'getEvent', { id: event.id })).event).toEqual(event)
    }
  })

  it('reads no more of the log than the id leaves open', async () => {
    const asked: unknown[] = []
    await using narrow = await gatewayThatReads((bus, options) => {
      asked.push(options)
      return bus.read(options)
    })
    const id = eventId('ArchivingEnabled', two, '3')
    const { event } = await ask(narrow.client, 'getEvent', { id })
    expect(event).toMatchObject({ id, name: 'ArchivingEnabled', communityId: two })
    expect(asked).toMatchObject([{ names: ['ArchivingEnabled'], communityId: two }])
  })

  it('says that there is none', async () => {
    const last = (await read({})).at(-1)?.sequence ?? 0
    const id = eventId('ArchivingEnabled', one, 'never')
    for (const which of [{ sequence: last + 1 }, { id }])
      expect(await failure(ask(gateway.client, 'getEvent', which))).toMatchObject({
        code: status.NOT_FOUND,
        reason: 'EVENT_UNKNOWN',
        metadata: { event: String(which.id ?? which.sequence) },
      })
  })

  it('says where an event does not decode, and finds those beside it all the same', async () => {
    const [bad, good] = await read({ names: ['CommunityAdded'] })
    await using damaged = await gatewayThatReads(async function* (bus, options) {
      if ((options?.after ?? 0) < (bad?.sequence ?? 0))
        throw new UndecodableEventError(bad?.sequence ?? 0, bad?.id ?? '', 'CommunityAdded', 'cut')
      yield* bus.read(options)
    })
    for (const which of [{ sequence: bad?.sequence }, { id: bad?.id }])
      expect(await failure(ask(damaged.client, 'getEvent', which))).toMatchObject({
        code: status.DATA_LOSS,
        reason: 'EVENT_UNDECODABLE',
        metadata: { eventId: bad?.id, sequence: String(bad?.sequence) },
      })
    expect((await ask(damaged.client, 'getEvent', { id: good?.id })).event).toEqual(good)
  })

  it('names the field of what cannot be asked', async () => {
    for (const id of ['', 'ArchiveCreated', 'Nonsense/x/1', `ArchiveCreated/${one}`, 'ArchiveCreated//1'])
      expect(await failure(ask(gateway.client, 'getEvent', { id }))).toMatchObject({ fields: ['id'] })
    expect(await failure(ask(gateway.client, 'getEvent', { sequence: 0 }))).toMatchObject({ fields: ['sequence'] })
    expect(await failure(ask(gateway.client, 'getEvent', {}))).toMatchObject({ fields: ['which'] })
  })
})

describe('WatchProgress', () => {
  it('gives reports as they come, of one community where that is asked', async () => {
    const call = gateway.client.watchProgress({ communityId: two })
    call.on('error', () => undefined)
    const reports: WatchProgressResponse[] = []
    const done = new Promise<void>((resolve) => {
      call.on('data', (report: WatchProgressResponse) => {
        reports.push(report)
        if (report.done === 10) resolve()
      })
    })
    // Reports before the call is there are nobody's; so it goes on until one arrives.
    const report = setInterval(() => {
      gateway.context.progress.report({ task: 'fetch', communityId: one, done: 10, unit: 'bytes' })
      gateway.context.progress.report({ task: 'fetch', communityId: two, done: 5, total: 10, unit: 'bytes' })
      gateway.context.progress.report({ task: 'fetch', communityId: two, done: 10, total: 10, unit: 'bytes' })
    }, 5)
    await done
    clearInterval(report)
    call.cancel()
    expect(new Set(reports.map(({ communityId }) => communityId))).toEqual(new Set([two]))
    expect(reports.at(-1)).toEqual({ task: 'fetch', communityId: two, done: 10, total: 10, unit: 'bytes' })
  })
})
