import { describe, expect, it } from 'vitest'
import { eventId } from '@annals/events'
import {
  announcementProbes,
  catalogues,
  dispatches,
  downloads,
  emptyCatalogue,
  fetchProbes,
  historyFindings,
  schedules,
  seedings,
} from '@annals/storage'
import { initialSchedule } from '@annals/community'
import type { CommunityHealth } from '@annals/proto/api/v1'
import { systemClock } from '@annals/service'
import { messageOf } from '@annals/service/testing'
import type { TestGateway } from './testing/index.ts'
import { startTestGateway } from './testing/index.ts'
import { ask, failure } from './testing/test-gateway.ts'

const chats = [{ channelId: 'general', name: '' }]
const infoHash = 'ab'.repeat(20)
const magnetLink = `magnet:?xt=urn:btih:${infoHash}&tr=https%3A%2F%2Ftracker.example&ws=https%3A%2F%2Fannals.example%2F`
const week = 604_800

async function addArchiving(gateway: TestGateway, name: string): Promise<string> {
  const controlNode = { privateKey: Buffer.alloc(0) }
  const { community } = await ask(gateway.client, 'addCommunity', { controlNode, name, chats })
  const communityId = community?.communityId ?? ''
  await ask(gateway.client, 'enableArchiving', { communityId })
  return communityId
}

/** A community whose newest archive was announced, `message` being what went out. */
async function addAnnounced(gateway: TestGateway, name: string, message = '0x1234'): Promise<string> {
  const communityId = await addArchiving(gateway, name)
  const { state } = gateway.context
  const torrent = { infoHash, magnetLink, trackers: [], infoBlob: '', indexBlob: '', indexBytes: 0 }
  await state.collection(catalogues).put(communityId, { ...emptyCatalogue, generation: 1, torrent }, 0)
  await state.collection(seedings).put(communityId, { current: { infoHash, generation: 1 }, starts: 1 }, 0)
  await state
    .collection(dispatches)
    .put(communityId, { clockMilliseconds: 5_000, infoHash, magnetLink, message, dueAt: 1e9 }, 0)
  return communityId
}

async function rows(gateway: TestGateway, request: object = {}): Promise<CommunityHealth[]> {
  const all = { search: '', reasons: [], offset: 0, limit: 0, ...request }
  return (await ask(gateway.client, 'listHealth', all)).communities
}

describe('health at a glance', () => {
  it('puts first what needs a person most, and says why and since when', async () => {
    await using gateway = await startTestGateway()
    const { state } = gateway.context
    const [fine, behind, missing] = [
      await addArchiving(gateway, 'Fine'),
      await addArchiving(gateway, 'Behind'),
      await addAnnounced(gateway, 'Missing'),
    ]
    const sealed = systemClock.nowSeconds() - 3 * week
    const schedule = { ...initialSchedule, controlNode: true, joined: true, archivingOn: true, hasChats: true }
    await state
      .collection(schedules)
      .put(behind, { schedule: { ...schedule, lastArchivedEnd: sealed }, decided: [], dueAt: 7 }, 0)
    await state
      .collection(announcementProbes)
      .put(missing, { infoHash, publishedAfter: 0, missingSince: 77, repetitions: 2 }, 0)
    await state
      .collection(historyFindings)
      .put(
        fine,
        { until: 9, stores: [{ node: 'http://store.example', failure: 'refused', missingMessages: 0, since: 5 }] },
        0,
      )
    const listed = await rows(gateway)
    expect(listed.map(({ communityId, needs }) => [communityId, needs.map(({ reason }) => reason)])).toEqual([
      [missing, ['announcement-missing', 'not-seeded']],
      [behind, ['behind']],
      [fine, ['stores-fail']],
    ])
    expect(listed[0]).toMatchObject({
      announcedAt: 5,
      announcedInfoHash: infoHash,
      seeders: 0,
      needs: [{ since: 77 }, {}],
    })
    expect(listed[1]).toMatchObject({
      sealedThrough: sealed,
      nextDue: 7,
      intervalsBehind: 3,
      needs: [{ since: sealed + week }],
    })
    expect(listed[2]?.needs).toEqual([{ reason: 'stores-fail', since: 5, detail: 'http://store.example: refused' }])
    const { health } = await ask(gateway.client, 'getHealth', { communityId: behind })
    expect(health).toEqual(listed[1])
  })

  it('says since when strangers cannot fetch what was announced, and nothing of what is no longer looked for', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addAnnounced(gateway, 'Lost')
    const rows = gateway.context.state.collection(fetchProbes)
    const { version } = await rows.put(communityId, { infoHash, dueAt: 9, failures: 0 }, 0)
    const healthOf = async (): Promise<CommunityHealth | undefined> =>
      (await ask(gateway.client, 'getHealth', { communityId })).health
    expect((await healthOf())?.archiveProbe).toBeUndefined()
    const failed = { infoHash, dueAt: 9, fetchedAt: 5, failedSince: 7, failure: 'no-peers' }
    const once = await rows.put(communityId, { ...failed, failures: 1, webSeed: { failure: '' } }, version)
    expect(await healthOf()).toMatchObject({
      needs: [{ reason: 'not-seeded' }],
      archiveProbe: { reachableAt: 5, failedLooks: 1, webSeed: true, webSeedFailure: '' },
    })
    const twice = await rows.put(communityId, { ...failed, failures: 2, webSeed: { failure: 'refused' } }, once.version)
    expect(await healthOf()).toMatchObject({
      needs: [{ reason: 'not-seeded' }, { reason: 'archive-unreachable', since: 7, detail: 'no-peers' }],
      archiveProbe: { infoHash, unreachableSince: 7, failure: 'no-peers', webSeed: false, webSeedFailure: 'refused' },
    })
    const { communities } = await ask(gateway.client, 'getStatus', { communityId, withoutCommunities: false })
    expect(communities[0]?.archiveProbe).toEqual((await healthOf())?.archiveProbe)
    await ask(gateway.client, 'disableArchiving', { communityId })
    await rows.put(communityId, { infoHash, failures: 0 }, twice.version)
    expect((await healthOf())?.archiveProbe).toBeUndefined()
  })

  it('says nothing of strangers where nobody looks any more', async () => {
    await using gateway = await startTestGateway({ env: { ANNALS_FETCH_PROBE_SECONDS: '0' } })
    const communityId = await addAnnounced(gateway, 'Alone')
    const lost = { infoHash, dueAt: 9, failures: 2, failedSince: 7, failure: 'no-peers' }
    await gateway.context.state.collection(fetchProbes).put(communityId, lost, 0)
    const [row] = await rows(gateway)
    expect(row?.needs.map(({ reason }) => reason)).toEqual(['not-seeded'])
    expect(row?.archiveProbe).toBeUndefined()
    const due = { from: 10, to: 20, intervalSeconds: 10 }
    const id = eventId('ArchiveDue', communityId, '10-20')
    await gateway.context.bus.publish({ id, name: 'ArchiveDue', communityId, payload: due })
    const { steps } = await ask(gateway.client, 'getArchiveWay', { communityId })
    expect(steps.at(-1)).toMatchObject({ eventName: 'MagnetLinkDispatched' })
  })

  it('says of a member what was announced and up to when it has archives', async () => {
    await using gateway = await startTestGateway()
    const { communityId } = await ask(gateway.client, 'createKey', {})
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: 'Member', chats })
    const { state } = gateway.context
    const done = { infoHash, magnetLink, clockMilliseconds: 9_000 }
    await state.collection(downloads).put(communityId, { done, tries: 0 }, 0)
    const seeded = { current: { infoHash, generation: 1 }, starts: 1 }
    await state.collection(seedings).put(communityId, seeded, 0)
    const place = { contentTopics: [], offsetBytes: 0, sizeBytes: 1, paddingBytes: 0, blob: '', messages: 1 }
    const archives = [20, 10].map((to) => ({ id: String(to), from: 0, to, ...place }))
    await state.collection(catalogues).put(communityId, { ...emptyCatalogue, generation: 1, archives }, 0)
    const expected = { controlNode: false, announcedAt: 9, announcedInfoHash: infoHash, sealedThrough: 20 }
    expect(await rows(gateway)).toMatchObject([expected])
    await state.collection(catalogues).put(communityId, { ...emptyCatalogue, generation: 2, archives: [] }, 1)
    await state.collection(seedings).put(communityId, { current: { infoHash, generation: 2 }, starts: 2 }, 1)
    const { health } = await ask(gateway.client, 'getHealth', { communityId })
    expect(health?.sealedThrough).toBeUndefined()
  })

  it('is searched, filtered and turned over by pages', async () => {
    await using gateway = await startTestGateway()
    for (const name of ['Ant', 'Bee', 'Cat']) await addArchiving(gateway, name)
    await addAnnounced(gateway, 'Beetle')
    const names = async (request: object): Promise<string[]> => (await rows(gateway, request)).map(({ name }) => name)
    expect(await names({})).toEqual(['Beetle', 'Ant', 'Bee', 'Cat'])
    expect(await names({ search: 'BEE' })).toEqual(['Beetle', 'Bee'])
    expect(await names({ reasons: ['not-seeded'] })).toEqual(['Beetle'])
    expect(await names({ offset: 1, limit: 2 })).toEqual(['Ant', 'Bee'])
    const { total, needing } = await ask(gateway.client, 'listHealth', { search: '', reasons: [], offset: 3, limit: 1 })
    expect({ total, needing }).toMatchObject({ total: 4, needing: { 'not-seeded': 1, behind: 0 } })
    for (const wrong of [{ limit: 1_001 }, { offset: -1 }, { reasons: ['bored'] }, { search: 'x'.repeat(201) }])
      expect(await failure(rows(gateway, wrong))).toMatchObject({ reason: 'INVALID_REQUEST' })
  })
})

describe('the public link', () => {
  it('has the announcement as it went out beside the link that it names', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addAnnounced(gateway, 'One')
    expect(await ask(gateway.client, 'getPublicLink', { communityId })).toEqual({
      communityId,
      name: 'One',
      infoHash,
      magnetLink,
      announcement: Buffer.from('1234', 'hex'),
      trackers: ['https://tracker.example'],
      webSeeds: ['https://annals.example/'],
      channels: chats,
    })
  })

  it('keeps the names of an encrypted community’s channels to itself', async () => {
    await using gateway = await startTestGateway()
    const controlNode = { privateKey: Buffer.alloc(0) }
    const request = { controlNode, name: 'Closed', chats, encrypted: true }
    const { community } = await ask(gateway.client, 'addCommunity', request)
    const communityId = community?.communityId ?? ''
    expect(await ask(gateway.client, 'getPublicLink', { communityId })).toMatchObject({ name: 'Closed', channels: [] })
  })
})

describe('announcing again', () => {
  it('lets the time of the repetition be now', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addAnnounced(gateway, 'One')
    expect(await ask(gateway.client, 'announceAgain', { communityId })).toEqual({ infoHash, magnetLink })
    const row = await gateway.context.state.collection(dispatches).get(communityId)
    expect(row?.value).toMatchObject({ repeats: true, message: '0x1234', clockMilliseconds: 5_000 })
    expect(row?.value.dueAt).toBeLessThanOrEqual(systemClock.nowSeconds())
  })

  it('is refused where there is nothing to announce yet, and says what comes', async () => {
    await using gateway = await startTestGateway()
    const [nothing, unsigned, unseeded] = [
      await addArchiving(gateway, 'Nothing'),
      await addAnnounced(gateway, 'Unsigned', ''),
      await addAnnounced(gateway, 'Unseeded'),
    ]
    const seeding = gateway.context.state.collection(seedings)
    await seeding.put(unseeded, { starts: 1 }, 1)
    for (const [communityId, reason] of [
      [nothing, 'NOTHING_TO_SEED'],
      [unsigned, 'SIGNATURE_AWAITED'],
      [unseeded, 'NOT_SEEDED'],
    ] as const)
      expect(await failure(ask(gateway.client, 'announceAgain', { communityId }))).toMatchObject({ reason })
  })
})

describe('archiving now', () => {
  it('publishes the wish once, however often it is asked for in the same state', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addArchiving(gateway, 'One')
    const { bus } = gateway.context
    const none = await failure(ask(gateway.client, 'archiveNow', { communityId }))
    expect(none).toMatchObject({ reason: 'NOTHING_TO_ARCHIVE' })
    await gateway.context.messages.ingest(communityId, [messageOf(communityId, 1_000)], 'pending')
    const first = await ask(gateway.client, 'archiveNow', { communityId })
    expect(await ask(gateway.client, 'archiveNow', { communityId })).toEqual(first)
    expect(first).toMatchObject({ asksStoresFirst: false })
    const wishes = (await Array.fromAsync(bus.read({ communityId }))).filter(({ name }) => name === 'ArchiveRequested')
    expect(wishes).toMatchObject([{ payload: { until: first.until } }])
  })

  it('is refused while a range is under way, and where archiving is off', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addArchiving(gateway, 'One')
    const due = { from: 10, to: 20, intervalSeconds: 10 }
    await gateway.context.bus.publish({
      id: eventId('ArchiveDue', communityId, '10-20'),
      name: 'ArchiveDue',
      communityId,
      payload: due,
    })
    expect(await failure(ask(gateway.client, 'archiveNow', { communityId }))).toMatchObject({
      reason: 'ARCHIVE_UNDER_WAY',
      metadata: { from: '10', to: '20' },
    })
    await ask(gateway.client, 'disableArchiving', { communityId })
    expect(await failure(ask(gateway.client, 'archiveNow', { communityId }))).toMatchObject({ reason: 'ARCHIVING_OFF' })
  })
})

describe('the way of the newest archive', () => {
  it('has the steps that are done with their times, and those that are still to come', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addArchiving(gateway, 'One')
    expect(await ask(gateway.client, 'getArchiveWay', { communityId })).toMatchObject({ steps: [] })
    const { bus } = gateway.context
    for (const [from, to] of [
      [10, 20],
      [20, 30],
    ] as const) {
      const key = `${from}-${to}`
      await bus.publish({
        id: eventId('ArchiveDue', communityId, key),
        name: 'ArchiveDue',
        communityId,
        payload: { from, to, intervalSeconds: 10 },
      })
      await bus.publish({
        id: eventId('ArchivingStarted', communityId, key),
        name: 'ArchivingStarted',
        communityId,
        payload: { from, to },
      })
    }
    const started = await ask(gateway.client, 'getArchiveWay', { communityId })
    expect(started).toMatchObject({ from: 20, to: 30, infoHash: '' })
    expect(started.steps.map(({ eventName, eventId: id }) => [eventName, id !== ''])).toEqual([
      ['ArchiveDue', true],
      ['ArchivingStarted', true],
      ['ArchiveCreated', false],
      ['SeedingStarted', false],
      ['MagnetLinkDispatched', false],
      ['ArchivesReachable', false],
    ])
    const created = {
      from: 20,
      to: 30,
      generation: 2,
      infoHash,
      magnetLink,
      archives: [],
      leftOutMessages: 0,
      archiveCount: 1,
    }
    await bus.publish({
      id: eventId('ArchiveCreated', communityId, '20-30'),
      name: 'ArchiveCreated',
      communityId,
      payload: created,
    })
    const seeding = { infoHash, magnetLink, generation: 2, sizeBytes: 1 }
    await bus.publish({
      id: eventId('SeedingStarted', communityId, infoHash, 1),
      name: 'SeedingStarted',
      communityId,
      payload: seeding,
    })
    const seeded = await ask(gateway.client, 'getArchiveWay', { communityId })
    expect(seeded.infoHash).toBe(infoHash)
    expect(seeded.steps.filter(({ timeMilliseconds }) => timeMilliseconds !== undefined)).toHaveLength(4)
  })

  it('ends where nothing was in the range', async () => {
    await using gateway = await startTestGateway()
    const communityId = await addArchiving(gateway, 'One')
    const { bus } = gateway.context
    await bus.publish({
      id: eventId('ArchiveDue', communityId, '1-2'),
      name: 'ArchiveDue',
      communityId,
      payload: { from: 1, to: 2, intervalSeconds: 1 },
    })
    await bus.publish({
      id: eventId('NoArchiveCreated', communityId, '1-2'),
      name: 'NoArchiveCreated',
      communityId,
      payload: { from: 1, to: 2, leftOutMessages: 0 },
    })
    const { steps } = await ask(gateway.client, 'getArchiveWay', { communityId })
    expect(steps.map(({ eventName }) => eventName)).toEqual(['ArchiveDue', 'ArchivingStarted', 'NoArchiveCreated'])
  })
})
