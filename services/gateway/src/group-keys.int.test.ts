import { GroupKey, communityIdOfPrivateKey, encodeGroupKeys, keccak256, parseCommunityId, toHex } from '@annals/crypto'
import { eventsOf } from '@annals/service/testing'
import { downloads, waitingArchives } from '@annals/storage'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

let made = 0
const secret = (): Buffer => Buffer.from(keccak256(new TextEncoder().encode(`group key ${made++}`)))
const memberId = (): string => communityIdOfPrivateKey(secret())

function keyOf(communityId: string, key: Buffer, timestampMilliseconds: number): GroupKey {
  return new GroupKey({ groupId: parseCommunityId(communityId), key, timestampMilliseconds })
}

async function controlled(encrypted: boolean): Promise<string> {
  const request = { controlNode: { privateKey: Buffer.alloc(0) }, name: '', chats: [], encrypted }
  return (await ask(gateway.client, 'addCommunity', request)).community?.communityId ?? ''
}

async function listed(communityId: string): Promise<string[]> {
  const answers = await Array.fromAsync(gateway.client.listGroupKeys({ communityId }))
  return answers.map((answer) => (answer as { key?: { keyId: string } }).key?.keyId ?? '')
}

describe('exported group keys', () => {
  it('move a community to another host, which goes on behind the numbers that were used', async () => {
    const communityId = await controlled(true)
    const { groups, cipher } = gateway.context.keys
    const plain = new TextEncoder().encode('an archive')
    const before = [await cipher.encrypt(communityId, plain), await cipher.encrypt(communityId, plain)]
    const channel = { communityId, channelId: 'general', key: { key: secret(), timestampMilliseconds: 5 } }
    await ask(gateway.client, 'importGroupKeys', channel)
    const { keys } = await ask(gateway.client, 'exportGroupKeys', { communityId })
    expect(new Set(keys.map(({ nextSequence }) => nextSequence))).toEqual(new Set([1, 3]))
    await using other = await startTestGateway()
    const imported = await ask(other.client, 'importGroupKeys', { communityId, channelId: '', exported: { keys } })
    expect(imported.added).toBe(2)
    expect(await cipher.open(communityId, await other.context.keys.cipher.encrypt(communityId, plain))).toMatchObject({
      kind: 'opened',
    })
    for (const each of before)
      expect(await other.context.keys.cipher.open(communityId, each)).toMatchObject({ kind: 'opened', plain })
    for await (const { keyId, groupId } of groups.list(communityId)) {
      const isCommunitys = toHex(groupId) === communityId
      expect(await other.context.keys.groups.nextSequence(communityId, keyId)).toBe(isCommunitys ? 4 : 1)
    }
  })

  it('are those of the community, or nothing is taken in', async () => {
    const communityId = memberId()
    const good = { groupId: communityId, key: secret(), timestampMilliseconds: 5, nextSequence: 1 }
    const bad = [
      [],
      [{ ...good, groupId: memberId() }],
      [{ ...good, groupId: 'no hex' }],
      [{ ...good, key: Buffer.alloc(31) }],
      [{ ...good, timestampMilliseconds: 0 }],
      [{ ...good, nextSequence: 0 }],
      [good, { ...good, nextSequence: 100_002 }],
    ]
    for (const keys of bad) {
      const importing = ask(gateway.client, 'importGroupKeys', { communityId, channelId: '', exported: { keys } })
      expect(await failure(importing)).toMatchObject({ code: status.INVALID_ARGUMENT, fields: ['exported'] })
    }
    expect(await listed(communityId)).toEqual([])
  })

  it('are none of a community that has none, and of no other', async () => {
    expect(await ask(gateway.client, 'exportGroupKeys', { communityId: memberId() })).toEqual({ keys: [] })
    expect(await failure(ask(gateway.client, 'exportGroupKeys', { communityId: '' }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
    })
  })
})

describe('group keys', () => {
  it('are taken as an HRKeys and one by one, and said by their ids alone', async () => {
    const communityId = memberId()
    const [one, two] = [secret(), secret()]
    const keys = [keyOf(communityId, one, 1_000), keyOf(communityId, two, 2_000)] as const
    const hrKeys = Buffer.from(encodeGroupKeys([keys[0]]))
    const first = await ask(gateway.client, 'importGroupKeys', { communityId, channelId: '', hrKeys })
    expect(first).toMatchObject({ added: 1, keys: [{ keyId: toHex(keys[0].keyId), timestampMilliseconds: 1_000 }] })
    const key = { key: two, timestampMilliseconds: 2_000 }
    const second = await ask(gateway.client, 'importGroupKeys', { communityId, channelId: '', key })
    expect(second).toMatchObject({ added: 1, keys: [{ keyId: toHex(keys[1].keyId), groupId: communityId }] })
    expect((await ask(gateway.client, 'importGroupKeys', { communityId, channelId: '', key })).added).toBe(0)
    expect((await listed(communityId)).toSorted()).toEqual(keys.map(({ keyId }) => toHex(keyId)).toSorted())
    const events = await eventsOf(gateway.context, communityId, 'GroupKeyAdded')
    expect(events.map(({ payload }) => payload)).toEqual(
      keys.map(({ keyId }) => ({ keyId: toHex(keyId), groupId: communityId })),
    )
  })

  it('of a channel encrypt no archives', async () => {
    const communityId = memberId()
    const key = { key: secret(), timestampMilliseconds: 1_000 }
    const { keys } = await ask(gateway.client, 'importGroupKeys', { communityId, channelId: 'general', key })
    expect(Buffer.from(keys[0]?.groupId.slice(2) ?? '', 'hex').toString()).toBe(`${communityId}general`)
    expect(await gateway.context.keys.cipher.encrypts(communityId)).toBe(false)
  })

  it('that are none are refused, and nothing of them is shown', async () => {
    const communityId = memberId()
    const short = secret().subarray(1)
    for (const [wrong, field] of [
      [{ key: { key: short, timestampMilliseconds: 1 } }, 'key'],
      [{ key: { key: secret(), timestampMilliseconds: 0 } }, 'key'],
      [{ hrKeys: short }, 'hr_keys'],
      [{ hrKeys: Buffer.alloc(0) }, 'hr_keys'],
      [{}, 'hr_keys'],
    ] as const) {
      const refused = await failure(ask(gateway.client, 'importGroupKeys', { communityId, channelId: '', ...wrong }))
      expect(refused).toMatchObject({ code: status.INVALID_ARGUMENT, fields: [field] })
      expect(refused.message).not.toContain(short.toString('hex').slice(0, 8))
    }
    expect(await listed(communityId)).toEqual([])
  })

  it('are made for a community that is controlled here, a first one once and then by rotating', async () => {
    const communityId = await controlled(false)
    const make = (rotate: boolean) => ask(gateway.client, 'createGroupKey', { communityId, rotate })
    expect(await failure(make(true))).toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'NO_GROUP_KEY' })
    const { key: first } = await make(false)
    expect(await failure(make(false))).toMatchObject({ code: status.ALREADY_EXISTS, reason: 'GROUP_KEY_EXISTS' })
    const { key: second } = await make(true)
    expect(second?.timestampMilliseconds).toBeGreaterThan(first?.timestampMilliseconds ?? Infinity)
    const newest = await gateway.context.keys.groups.newest(communityId, parseCommunityId(communityId))
    expect(toHex(newest?.keyId ?? Buffer.alloc(0))).toBe(second?.keyId)
    const member = memberId()
    await ask(gateway.client, 'addCommunity', { member: { communityId: member }, name: '', chats: [] })
    expect(await failure(ask(gateway.client, 'createGroupKey', { communityId: member, rotate: false }))).toMatchObject({
      reason: 'NOT_CONTROL_NODE',
    })
  })

  it('are there before a community is known that is to be encrypted from the first archive on', async () => {
    const communityId = await controlled(true)
    expect(await listed(communityId)).toHaveLength(1)
    const names = await Array.fromAsync(gateway.context.bus.read({ communityId }), ({ name }) => name)
    expect(names).toEqual(['GroupKeyAdded', 'CommunityAdded'])
    const member = { member: { communityId: memberId() }, name: '', chats: [], encrypted: true }
    expect(await failure(ask(gateway.client, 'addCommunity', member))).toMatchObject({ fields: ['encrypted'] })
  })

  it('that something waits for stand in the status', async () => {
    const communityId = memberId()
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
    const { state } = gateway.context
    const wanted = { infoHash: 'a'.repeat(40), magnetLink: '', clockMilliseconds: 1 }
    const waitsForKey = { deprecatedKeyId: 7, groupId: '0xab' }
    await state.collection(downloads).put(communityId, { wanted, tries: 0, waitsForKey }, 0)
    const waiting = { archiveId: '0x1', blob: 'b', wantedKey: { keyId: '0xcd' } }
    await state.collection(waitingArchives).put(`${communityId}/b`, waiting, 0)
    const { communities } = await ask(gateway.client, 'getStatus', { communityId })
    expect(communities[0]?.download).toMatchObject({ indexWaitsForKey: '7 of 0xab', archivesWaiting: 1 })
  })
})
