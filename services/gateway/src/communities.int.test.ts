import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { communityIdOfPrivateKey, keccak256, toHex } from '@annals/crypto'
import { status } from '@grpc/grpc-js'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

let keys = 0
const newKey = (): Buffer => Buffer.from(keccak256(new TextEncoder().encode(`key ${keys++}`)))
const memberId = (): string => communityIdOfPrivateKey(newKey())

describe('communities', () => {
  it('makes a new community with a new key, which stays in the node', async () => {
    const { community } = await ask(gateway.client, 'addCommunity', {
      controlNode: { privateKey: Buffer.alloc(0) },
      name: 'New',
      chats: [{ channelId: '', name: 'general' }],
    })
    expect(community).toMatchObject({ name: 'New', controlNode: true, joined: true, archivingOn: false })
    expect(community?.chats[0]?.channelId).toMatch(/^[0-9a-f-]{36}$/)
    const kept = await gateway.context.keys.communities.get(community?.communityId ?? '')
    expect(communityIdOfPrivateKey(kept?.reveal() ?? Buffer.alloc(0))).toBe(community?.communityId)
  })

  it('takes a given key, and refuses a community that is joined already', async () => {
    const privateKey = newKey()
    const request = { controlNode: { privateKey }, name: '', chats: [] }
    const { community } = await ask(gateway.client, 'addCommunity', request)
    expect(community?.communityId).toBe(communityIdOfPrivateKey(privateKey))
    expect(await failure(ask(gateway.client, 'addCommunity', request))).toMatchObject({
      code: status.ALREADY_EXISTS,
      reason: 'COMMUNITY_EXISTS',
      metadata: { communityId: community?.communityId },
    })
  })

  it('goes through the life of a member: added, archiving on and off, left, added again', async () => {
    const communityId = memberId()
    const request = { member: { communityId }, name: 'M', chats: [] }
    const states = [
      (await ask(gateway.client, 'addCommunity', request)).community,
      (await ask(gateway.client, 'enableArchiving', { communityId })).community,
      (await ask(gateway.client, 'enableArchiving', { communityId })).community,
      (await ask(gateway.client, 'disableArchiving', { communityId })).community,
      (await ask(gateway.client, 'leaveCommunity', { communityId })).community,
      (await ask(gateway.client, 'addCommunity', request)).community,
    ].map((community) => [community?.controlNode, community?.joined, community?.archivingOn])
    expect(states).toEqual([
      [false, true, false],
      [false, true, true],
      [false, true, true],
      [false, true, false],
      [false, false, false],
      [false, true, false],
    ])
    const { communities } = await ask(gateway.client, 'listCommunities', {})
    expect(communities.map((community) => community.communityId)).toContain(communityId)
    const shown = await ask(gateway.client, 'getCommunity', { communityId })
    expect(shown.community).toMatchObject({ communityId, name: 'M' })
  })

  it('changes chats, and refuses a channel that stands twice', async () => {
    const communityId = memberId()
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
    const chats = [{ channelId: 'a', name: 'A' }]
    expect((await ask(gateway.client, 'changeChats', { communityId, chats })).community?.chats).toEqual(chats)
    const twice = ask(gateway.client, 'changeChats', { communityId, chats: [...chats, ...chats] })
    expect(await failure(twice)).toMatchObject({
      code: status.INVALID_ARGUMENT,
      reason: 'DUPLICATE_CHANNEL',
      fields: ['chats'],
    })
  })

  it('says of a community that is unknown or was left that it is', async () => {
    const communityId = memberId()
    const unknown = { code: status.NOT_FOUND, reason: 'COMMUNITY_UNKNOWN', metadata: { communityId } }
    expect(await failure(ask(gateway.client, 'getCommunity', { communityId }))).toMatchObject(unknown)
    expect(await failure(ask(gateway.client, 'enableArchiving', { communityId }))).toMatchObject(unknown)
    expect(await failure(ask(gateway.client, 'getStatus', { communityId }))).toMatchObject(unknown)
    await ask(gateway.client, 'addCommunity', { member: { communityId }, name: '', chats: [] })
    await ask(gateway.client, 'leaveCommunity', { communityId })
    const left = { code: status.FAILED_PRECONDITION, reason: 'COMMUNITY_LEFT' }
    expect(await failure(ask(gateway.client, 'leaveCommunity', { communityId }))).toMatchObject(left)
  })

  it('names the field of whatever no request may say', async () => {
    const notOnCurve = `0x02${'f'.repeat(64)}`
    const member = { communityId: memberId() }
    const cases = [
      [{ name: '', chats: [] }, 'role'],
      [{ member: { communityId: 'x' }, name: '', chats: [] }, 'member.community_id'],
      [{ member: { communityId: notOnCurve }, name: '', chats: [] }, 'member.community_id'],
      [{ controlNode: { privateKey: Buffer.alloc(31) }, name: '', chats: [] }, 'control_node.private_key'],
      [{ controlNode: { privateKey: Buffer.alloc(32) }, name: '', chats: [] }, 'control_node.private_key'],
      [{ member, name: 'x'.repeat(101), chats: [] }, 'name'],
      [{ member, name: '', chats: [{ channelId: '../x', name: '' }] }, 'chats[0].channel_id'],
      [{ member, name: '', chats: [{ channelId: 'x', name: '\u0007' }] }, 'chats[0].name'],
    ] as const
    for (const [request, field] of cases) {
      const added = ask(gateway.client, 'addCommunity', { ...request, chats: [...request.chats] })
      expect(await failure(added)).toMatchObject({ code: status.INVALID_ARGUMENT, fields: [field] })
    }
  })

  it('never says a private key in an error', async () => {
    const privateKey = Buffer.alloc(32, 0xff)
    const { message } = await failure(
      ask(gateway.client, 'addCommunity', { controlNode: { privateKey }, name: '', chats: [] }),
    )
    expect(message).not.toContain(toHex(privateKey).slice(2, 12))
  })
})
