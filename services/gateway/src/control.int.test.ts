import type { Handover, MoveOutResponse } from '@annals/proto/api/v1'
import type { Catalogue, Download } from '@annals/storage'
import type { CallContext } from './server/calls.ts'
import { encodeMagnetLink } from '@annals/archive'
import { decodeMovedKeys, openWithPassphrase } from '@annals/keys'
import { communityIdOfPrivateKey, encodeMagnetMessage, keccak256, Secret } from '@annals/crypto'
import { takeAnnouncement } from '@annals/service'
import { messageOf } from '@annals/service/testing'
import { catalogues, dispatches, downloads, emptyCatalogue } from '@annals/storage'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CallerElsewhereError } from './gateway-errors.ts'
import { moveOut } from './handlers/move-out.ts'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

let made = 0
const privateKey = (): Buffer => Buffer.from(keccak256(new TextEncoder().encode(`control ${made++}`)))
const passphrase = Buffer.from('correct horse battery staple')
const infoHash = 'ab'.repeat(20)

async function controlled(encrypted = false): Promise<{ communityId: string; key: Buffer }> {
  const key = privateKey()
  const chats = [{ channelId: 'general', name: 'General' }]
  await ask(gateway.client, 'addCommunity', { controlNode: { privateKey: key }, name: 'C', chats, encrypted })
  return { communityId: communityIdOfPrivateKey(key), key }
}

/** One that was released, by default without anything that is announced. */
async function released(encrypted = false): Promise<string> {
  const { communityId } = await controlled(encrypted)
  await ask(gateway.client, 'releaseControl', { communityId })
  return communityId
}

const take = (communityId: string, options: { handover?: Handover; restored?: boolean } = {}) =>
  ask(gateway.client, 'takeControl', { communityId, handover: options.handover, restored: options.restored ?? false })

async function eventNames(communityId: string): Promise<string[]> {
  return Array.fromAsync(gateway.context.bus.read({ communityId }), ({ name }) => name)
}

const announced = (clockMilliseconds: number): NonNullable<Download['done']> => ({
  infoHash,
  magnetLink: `magnet:?xt=urn:btih:${infoHash}`,
  clockMilliseconds,
})

async function handoverOf(communityId: string): Promise<{ handover: Handover; messages: number }> {
  const parts = (await Array.fromAsync(gateway.client.moveOut({ communityId, passphrase }))) as MoveOutResponse[]
  const [first] = parts
  if (first?.handover === undefined) throw new Error('the first part is no handover')
  return {
    handover: first.handover,
    messages: parts.reduce((sum, { pending }) => sum + (pending?.messages.length ?? 0), 0),
  }
}

describe('control of a community', () => {
  it('is released and taken once each, however often it is asked for', async () => {
    const { communityId } = await controlled()
    for (const controlNode of [false, false])
      expect(await ask(gateway.client, 'releaseControl', { communityId })).toMatchObject({ community: { controlNode } })
    for (const controlNode of [true, true])
      expect(await take(communityId)).toMatchObject({ community: { controlNode } })
    expect(await eventNames(communityId)).toEqual(['CommunityAdded', 'ControlReleased', 'ControlTaken'])
  })

  it('released: what was announced counts as fetched, and the catalogue is written anew', async () => {
    const { communityId } = await controlled()
    const { state } = gateway.context
    const { version } = await state.collection(catalogues).put(communityId, emptyCatalogue, 0)
    await state.collection(dispatches).put(communityId, { ...announced(7), message: '0xab' }, 0)
    await ask(gateway.client, 'releaseControl', { communityId })
    expect((await state.collection(downloads).get(communityId))?.value).toEqual({ done: announced(7), tries: 0 })
    expect((await state.collection(catalogues).get(communityId))?.version).toBeGreaterThan(version)
  })

  it('is for whom its announcements can be signed', async () => {
    const communityId = communityIdOfPrivateKey(privateKey())
    expect(await failure(take(communityId))).toMatchObject({ code: status.NOT_FOUND })
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
    expect(await failure(take(communityId))).toMatchObject({ reason: 'NO_SIGNING_KEY' })
    const left = await released()
    await ask(gateway.client, 'leaveCommunity', { communityId: left })
    expect(await failure(take(left))).toMatchObject({ reason: 'COMMUNITY_LEFT' })
  })

  it.each<[string, Partial<Catalogue>]>([
    ['index-waits', { indexWaits: true, fillers: [{ offsetBytes: 0, sizeBytes: 1, blob: 'b' }] }],
    ['not-continuable', { fillers: [{ offsetBytes: 0, sizeBytes: 1, blob: 'b' }] }],
  ])('is refused, and nothing is changed: %s', async (refusal, catalogue) => {
    const communityId = await released()
    const rows = gateway.context.state.collection(catalogues)
    const row = await rows.get(communityId)
    const written = await rows.put(communityId, { ...emptyCatalogue, ...catalogue }, row?.version ?? 0)
    expect(await failure(take(communityId))).toMatchObject({ reason: 'CONTROL_REFUSED', metadata: { refusal } })
    expect(await rows.get(communityId)).toEqual(written)
    expect(await eventNames(communityId)).not.toContain('ControlTaken')
  })

  it('waits for what is being fetched', async () => {
    const communityId = await released()
    await gateway.context.state.collection(downloads).put(communityId, { wanted: announced(5), tries: 0 }, 0)
    expect(await failure(take(communityId))).toMatchObject({ metadata: { refusal: 'download-under-way' } })
  })

  it('is not taken back once another host has announced, be it the torrent that is here', async () => {
    const { communityId, key } = await controlled()
    await ask(gateway.client, 'enableArchiving', { communityId })
    const { context } = gateway
    await context.state.collection(dispatches).put(communityId, { ...announced(7), message: '0xab' }, 0)
    await ask(gateway.client, 'releaseControl', { communityId })
    const magnetLink = encodeMagnetLink({ infoHash, communityId, trackers: [] })
    const payload = encodeMagnetMessage({ privateKey: key, clockMilliseconds: 8, magnetLink })
    expect(await takeAnnouncement(context, communityId, { payload }, 'test')).toMatchObject({ kind: 'known' })
    for (const refused of [take(communityId), handoverOf(communityId)])
      expect(await failure(refused)).toMatchObject({ metadata: { refusal: 'announced-elsewhere' } })
  })

  it('is not taken back once another host has announced; a restored one takes that for its own', async () => {
    const communityId = await released(true)
    const { state, keys } = gateway.context
    await state.collection(dispatches).put(communityId, { ...announced(7), message: '0xab' }, 0)
    await state.collection(downloads).put(communityId, { done: announced(9), tries: 0 }, 0)
    expect(await failure(take(communityId))).toMatchObject({ metadata: { refusal: 'announced-elsewhere' } })
    await take(communityId, { restored: true })
    // What comes next is newer than all that was heard, and under a number that nobody has used.
    expect((await state.collection(dispatches).get(communityId))?.value).toMatchObject({ clockMilliseconds: 9 })
    for await (const { keyId } of keys.groups.list(communityId))
      expect(await keys.groups.nextSequence(communityId, keyId)).toBe(1_001)
  })
})

describe('what a community moves with', () => {
  it('is its role, its pending messages and its keys, which open under the passphrase alone', async () => {
    const { communityId, key } = await controlled(true)
    const messages = [1_000, 2_000].map((time) => messageOf(communityId, time))
    await gateway.context.messages.ingest(communityId, messages, 'pending')
    const { handover, messages: count } = await handoverOf(communityId)
    expect(handover).toMatchObject({ communityId, name: 'C', chats: [{ channelId: 'general' }], infoHash: '' })
    expect(count).toBe(2)
    expect(Buffer.from(handover.sealedKeys).includes(key)).toBe(false)
    const opened = await openWithPassphrase(new Secret(passphrase), communityId, handover.sealedKeys)
    const keys = decodeMovedKeys(opened)
    expect(Buffer.from(keys.privateKey?.reveal() ?? [])).toEqual(key)
    expect(keys.groupKeys).toHaveLength(1)
    expect(await handoverOf(communityId)).toMatchObject({ messages: 2 })
    expect(await eventNames(communityId)).toEqual(['GroupKeyAdded', 'CommunityAdded', 'ControlReleased'])
  })

  it('is taken where the torrent of the old host is here, and goes on behind its announcement', async () => {
    const { communityId } = await controlled()
    const { handover } = await handoverOf(communityId)
    const moved = { ...handover, lastArchivedEnd: 5_000, clockMilliseconds: 77 }
    const elsewhere = take(communityId, { handover: { ...moved, infoHash } })
    expect(await failure(elsewhere)).toMatchObject({ metadata: { refusal: 'not-as-moved' } })
    const other = take(communityId, { handover: { ...moved, communityId: await released() } })
    expect(await failure(other)).toMatchObject({ code: status.INVALID_ARGUMENT, fields: ['handover'] })
    await take(communityId, { handover: moved })
    const { state } = gateway.context
    expect((await state.collection(catalogues).get(communityId))?.value).toMatchObject({ lastArchivedEnd: 5_000 })
    expect((await state.collection(dispatches).get(communityId))?.value).toMatchObject({ clockMilliseconds: 77 })
  })

  it('is handed out for a community that was controlled here, and not once it has gone elsewhere', async () => {
    const member = communityIdOfPrivateKey(privateKey())
    await ask(gateway.client, 'addCommunity', { member: { communityId: member }, name: '', chats: [] })
    expect(await failure(handoverOf(member))).toMatchObject({ reason: 'NOT_CONTROL_NODE' })
    const gone = await released()
    await gateway.context.state.collection(downloads).put(gone, { done: announced(9), tries: 0 }, 0)
    expect(await failure(handoverOf(gone))).toMatchObject({ metadata: { refusal: 'announced-elsewhere' } })
  })

  it('is handed out on the node’s own machine only, under a passphrase that is not short; else nothing is released', async () => {
    const { communityId } = await controlled()
    const { context } = gateway
    const config = { ...context.config, grpcAddress: '0.0.0.0:50051' }
    const elsewhere = { ...context, config, peer: '192.0.2.1:5' } as CallContext
    const handing = Array.fromAsync(moveOut(elsewhere, { communityId, passphrase })).catch((error: unknown) => error)
    expect(await handing).toBeInstanceOf(CallerElsewhereError)
    const short = Array.fromAsync(gateway.client.moveOut({ communityId, passphrase: passphrase.subarray(0, 15) }))
    expect(await failure(short)).toMatchObject({ code: status.INVALID_ARGUMENT, fields: ['passphrase'] })
    expect(await eventNames(communityId)).toEqual(['CommunityAdded'])
  })
})
