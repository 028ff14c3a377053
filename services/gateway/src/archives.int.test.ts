import type { CatalogueArchive } from '@annals/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeIndex, encodeInfo, encodeMagnetLink, indexPieceHashes, infoHash, sealArchives } from '@annals/archive'
import { initialSchedule } from '@annals/community'
import { communityIdOfPrivateKey, encodeMagnetMessage, keccak256 } from '@annals/crypto'
import { sha1 } from '@annals/service'
import {
  announcementProbes,
  catalogues,
  dataLengthBytes,
  downloads,
  emptyCatalogue,
  schedules,
  toArchiveEntry,
  toCatalogueArchive,
} from '@annals/storage'
import { status } from '@grpc/grpc-js'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

let keys = 0
async function addMember(archiving: boolean): Promise<string> {
  const communityId = communityIdOfPrivateKey(keccak256(new TextEncoder().encode(`archive key ${keys++}`)))
  await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
  if (archiving) await ask(gateway.client, 'enableArchiving', { communityId })
  return communityId
}

const hash = 'a'.repeat(40)
const other = 'b'.repeat(40)
const magnet = (hex: string): string => `magnet:?xt=urn:btih:${hex}`

describe('Fetch', () => {
  it('wants what the link names, now, and leaves the clock seen as it is', async () => {
    const communityId = await addMember(true)
    const rows = gateway.context.state.collection(downloads)
    const done = { infoHash: other, magnetLink: magnet(other), clockMilliseconds: 77 }
    await rows.put(communityId, { done, tries: 3, lastError: 'old' }, 0)
    const response = await ask(gateway.client, 'fetch', { communityId, magnetLink: magnet(hash) })
    expect(response).toEqual({ infoHash: hash, alreadyFetched: false })
    const row = (await rows.get(communityId))?.value
    expect(row).toMatchObject({
      done,
      tries: 0,
      wanted: { infoHash: hash, magnetLink: magnet(hash), clockMilliseconds: 77 },
    })
    expect(row?.dueAt).toBeLessThanOrEqual(Date.now() / 1000)
    expect(row?.lastError).toBeUndefined()
    const { communities } = await ask(gateway.client, 'getStatus', { communityId })
    expect(communities[0]?.download).toMatchObject({ wantedInfoHash: hash, doneInfoHash: other })
  })

  it('does nothing for what was fetched last', async () => {
    const communityId = await addMember(true)
    const rows = gateway.context.state.collection(downloads)
    const row = await rows.put(
      communityId,
      { done: { infoHash: hash, magnetLink: '', clockMilliseconds: 1 }, tries: 0 },
      0,
    )
    const response = await ask(gateway.client, 'fetch', { communityId, magnetLink: magnet(hash) })
    expect(response.alreadyFetched).toBe(true)
    expect((await rows.get(communityId))?.value).toEqual(row.value)
  })

  it('refuses links that are none, and communities that cannot fetch', async () => {
    const communityId = await addMember(true)
    const fetch = (id: string, magnetLink: string): Promise<unknown> =>
      ask(gateway.client, 'fetch', { communityId: id, magnetLink })
    expect(await failure(fetch(communityId, 'http://x'))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      fields: ['magnet_link'],
    })
    expect(await failure(fetch(await addMember(false), magnet(hash)))).toMatchObject({ reason: 'ARCHIVING_OFF' })
    const own = await ask(gateway.client, 'addCommunity', {
      controlNode: { privateKey: Buffer.alloc(0) },
      name: '',
      chats: [],
    })
    expect(await failure(fetch(own.community?.communityId ?? '', magnet(hash)))).toMatchObject({
      reason: 'OWN_COMMUNITY',
    })
  })
})

/** Seals a few messages and puts them where the archiver would; answers the info hash. */
async function sealInto(communityId: string): Promise<string> {
  const { blobs, state } = gateway.context
  const topic = Uint8Array.of(1, 2, 3, 4)
  const messages = [0, 1, 2].map((i) => ({
    sig: new Uint8Array(65),
    timestamp: 1000 + i * 500,
    topic,
    payload: Uint8Array.of(i),
    padding: Uint8Array.of(1),
    hash: keccak256(Uint8Array.of(i)),
    thirdPartyId: '',
  }))
  const range = { from: 1000, to: 3000, intervalSeconds: 1000 }
  const archives: CatalogueArchive[] = []
  const pieces: Uint8Array[] = []
  for await (const sealed of sealArchives([messages], { ...range, contentTopics: [topic], offsetBytes: 0, sha1 })) {
    if (sealed.kind !== 'archive') continue
    archives.push(toCatalogueArchive(sealed.entry, (await blobs.put([sealed.encoded])).key, sealed.messages))
    pieces.push(sealed.pieceHashes)
  }
  const index = encodeIndex(archives.map(toArchiveEntry))
  pieces.push(indexPieceHashes(index, sha1))
  const dataBytes = dataLengthBytes(archives)
  const infoBytes = encodeInfo({ communityId, dataBytes, indexBytes: index.length, pieces: Buffer.concat(pieces) })
  const torrent = {
    infoHash: infoHash(infoBytes, sha1),
    magnetLink: encodeMagnetLink({ infoHash: infoHash(infoBytes, sha1), communityId, trackers: [] }),
    trackers: [],
    infoBlob: (await blobs.put([infoBytes])).key,
    indexBlob: (await blobs.put([index])).key,
    indexBytes: index.length,
  }
  const row = { ...emptyCatalogue, generation: 1, archives, torrent, lastArchivedEnd: 3000 }
  await state.collection(catalogues).put(communityId, row, 0)
  return torrent.infoHash
}

describe('ListArchives', () => {
  it('gives the archives of the catalogue in order', async () => {
    const communityId = await addMember(true)
    const sealed = await sealInto(communityId)
    const { archives, infoHash, generation, lastArchivedEnd } = await ask(gateway.client, 'listArchives', {
      communityId,
    })
    expect({ infoHash, generation, lastArchivedEnd }).toEqual({
      infoHash: sealed,
      generation: 1,
      lastArchivedEnd: 3000,
    })
    expect(archives.map(({ from, to, offsetBytes, messages }) => [from, to, offsetBytes, messages])).toEqual([
      [1000, 2000, 0, 2],
      [2000, 3000, 102_400, 1],
    ])
    expect(archives[0]?.contentTopics).toEqual(['0x01020304'])
  })

  it('is empty where nothing was archived', async () => {
    const communityId = await addMember(true)
    expect((await ask(gateway.client, 'listArchives', { communityId })).archives).toEqual([])
  })
})

describe('Seed', () => {
  it('brings back what the folder lacks and serves it; again changes nothing', async () => {
    const communityId = await addMember(true)
    const sealed = await sealInto(communityId)
    const first = await ask(gateway.client, 'seed', { communityId })
    expect(first).toMatchObject({ infoHash: sealed, restored: true })
    expect(first.sizeBytes).toBeGreaterThan(204_800)
    expect(await ask(gateway.client, 'seed', { communityId })).toEqual({ ...first, restored: false })
    const { communities } = await ask(gateway.client, 'getStatus', { communityId })
    expect(communities[0]).toMatchObject({
      archives: 2,
      archiveBytes: 204_800,
      seedingInfoHash: sealed,
      lastArchivedEnd: 3000,
    })
  })

  it('says what is missing', async () => {
    const seed = (communityId: string): Promise<unknown> => ask(gateway.client, 'seed', { communityId })
    expect(await failure(seed(await addMember(true)))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: 'NOTHING_TO_SEED',
    })
    expect(await failure(seed(await addMember(false)))).toMatchObject({ reason: 'ARCHIVING_OFF' })
    const lost = await addMember(true)
    await sealInto(lost)
    const row = await gateway.context.state.collection(catalogues).get(lost)
    await gateway.context.blobs.delete(row?.value.archives[0]?.blob ?? '')
    expect(await failure(seed(lost))).toMatchObject({ code: status.DATA_LOSS, reason: 'ARCHIVE_BYTES_LOST' })
  })
})

describe('TakeAnnouncement', () => {
  const privateKey = keccak256(new TextEncoder().encode('announced key'))
  const communityId = communityIdOfPrivateKey(privateKey)
  const take = (clockMilliseconds: number, hex: string, by = privateKey) =>
    ask(gateway.client, 'takeAnnouncement', {
      communityId,
      message: Buffer.from(encodeMagnetMessage({ privateKey: by, clockMilliseconds, magnetLink: magnet(hex) })),
    })

  it('judges a message by the rules of those that come on the network', async () => {
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
    expect(await take(5, hash)).toEqual({ refusedReason: 'archiving-off' })
    await ask(gateway.client, 'enableArchiving', { communityId })
    expect(await take(5, hash, keccak256(privateKey))).toEqual({ refusedReason: 'wrong-signer' })
    expect(await take(5, hash)).toEqual({ takenInfoHash: hash })
    expect(await take(5, hash)).toEqual({ knownInfoHash: hash })
    expect(await take(4, other)).toEqual({ refusedReason: 'old-clock' })
    const row = await gateway.context.state.collection(downloads).get(communityId)
    expect(row?.value).toMatchObject({ wanted: { infoHash: hash, clockMilliseconds: 5 }, tries: 0 })
  })

  it('passes over what is no announcement, and knows no other communities', async () => {
    const message = Buffer.alloc(0)
    const known = await addMember(true)
    expect(await ask(gateway.client, 'takeAnnouncement', { communityId: known, message })).toEqual({
      refusedReason: 'other-message',
    })
    const strange = communityIdOfPrivateKey(keccak256(new TextEncoder().encode('strange')))
    expect(await failure(ask(gateway.client, 'takeAnnouncement', { communityId: strange, message }))).toMatchObject({
      code: status.NOT_FOUND,
    })
  })
})

describe('GetStatus', () => {
  it('says when the scheduler acts next; what it has decided already is due now', async () => {
    const communityId = await addMember(true)
    const rows = gateway.context.state.collection(schedules)
    const due = async (): Promise<number | undefined> =>
      (await ask(gateway.client, 'getStatus', { communityId })).communities[0]?.nextDue
    expect(await due()).toBeUndefined()
    const { version } = await rows.put(communityId, { schedule: initialSchedule, decided: [], dueAt: 4_000_000_000 }, 0)
    expect(await due()).toBe(4_000_000_000)
    await rows.put(communityId, { schedule: initialSchedule, decided: [], dueAt: 0 }, version)
    const { now, communities } = await ask(gateway.client, 'getStatus', { communityId })
    expect(communities[0]?.nextDue).toBe(now)
  })

  it('says what was refused of a community, by what it was taken for and why, and when last', async () => {
    const communityId = await addMember(true)
    const { refusals } = gateway.context
    const refuse = (what: 'announcement' | 'message', reason: string, times?: number): void =>
      refusals.count({ communityId, what, reason, ...(times !== undefined && { times }) })
    refuse('message', 'malformed')
    refuse('announcement', 'wrong-signer', 2)
    refuse('announcement', 'bad-link')
    await refusals.flush()
    const { communities } = await ask(gateway.client, 'getStatus', { communityId })
    const lastAt = expect.any(Number)
    expect(communities[0]?.refusals).toEqual([
      { what: 'announcement', reason: 'bad-link', count: 1, lastAt },
      { what: 'announcement', reason: 'wrong-signer', count: 2, lastAt },
      { what: 'message', reason: 'malformed', count: 1, lastAt },
    ])
  })

  it('says whether members who come now find the announcement, once somebody has looked', async () => {
    const communityId = await addMember(true)
    const rows = gateway.context.state.collection(announcementProbes)
    const found = async (): Promise<unknown> =>
      (await ask(gateway.client, 'getStatus', { communityId })).communities[0]?.probe
    expect(await found()).toBeUndefined()
    const probe = { infoHash: 'a'.repeat(40), publishedAfter: 1, dueAt: 4_000_000_000, repetitions: 0 }
    const { version } = await rows.put(communityId, probe, 0)
    expect(await found()).toBeUndefined()
    await rows.put(communityId, { ...probe, foundAt: 5, missingSince: 6, repetitions: 2 }, version)
    expect(await found()).toEqual({ infoHash: 'a'.repeat(40), foundAt: 5, missingSince: 6, repetitions: 2 })
  })

  it('says who and where the node is', async () => {
    const status = await ask(gateway.client, 'getStatus', { communityId: '' })
    expect(status.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(status.torrentPort).toBe(gateway.context.torrents.address.port)
    expect(status.lastSequence).toBe(await gateway.context.bus.lastSequence())
    expect(status.communities.length).toBeGreaterThan(5)
  })
})
