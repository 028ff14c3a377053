import { UnknownCommunityError, initialCommunity } from '@annals/community'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { communities } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { CommunityRegistry } from './community-registry.ts'
import { addControlled, addMember, log, openTestNode, privateKeyOf } from './testing/index.ts'

const chat = (channelId: string): { channelId: string; name: string } => ({ channelId, name: channelId })

describe('community registry', () => {
  it('knows nothing of a community that was never added', async () => {
    await using node = await openTestNode()
    const communityId = communityIdOfPrivateKey(privateKeyOf(1))
    expect(await node.context.registry.get(communityId)).toBeUndefined()
    const left = node.context.registry.execute(communityId, { type: 'LeaveCommunity' }, 'test')
    await expect(left).rejects.toBeInstanceOf(UnknownCommunityError)
  })

  it('answers what a command made of the community', async () => {
    await using node = await openTestNode()
    const communityId = await addControlled(node.context)
    const off = await node.context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    expect(off).toMatchObject({ joined: true, archivingOn: false, controlNode: true })
    expect(await node.context.registry.get(communityId)).toEqual(off)
  })

  it('publishes nothing where everything is so already', async () => {
    await using node = await openTestNode()
    const communityId = await addControlled(node.context)
    const before = await log(node.context, communityId)
    await node.context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
    expect(await log(node.context, communityId)).toEqual(before)
  })

  it('decides commands that race one after the other, so that none is lost', async () => {
    await using node = await openTestNode()
    const { registry } = node.context
    const communityId = await addControlled(node.context)
    const change = (channelId: string): Promise<unknown> =>
      registry.execute(communityId, { type: 'ChangeChats', chats: [chat(channelId)] }, 'test')
    await Promise.all(['one', 'two', 'three'].map(change))
    const changes = (await log(node.context, communityId)).filter((id) => id.startsWith('CommunityChatsChanged'))
    expect(changes).toHaveLength(3)
    expect(new Set(changes).size).toBe(3)
  })

  it('takes equal commands that race for one', async () => {
    await using node = await openTestNode()
    const { registry } = node.context
    const communityId = await addControlled(node.context)
    const off = (): Promise<unknown> => registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    await Promise.all([off(), off(), off()])
    expect((await log(node.context, communityId)).filter((id) => id.startsWith('ArchivingDisabled'))).toHaveLength(1)
  })

  it('catches up after a crash between the publishing of an event and its row', async () => {
    await using node = await openTestNode()
    const { bus, state, registry } = node.context
    const communityId = communityIdOfPrivateKey(privateKeyOf(1))
    await bus.publish({
      id: `CommunityAdded/${communityId}/0`,
      name: 'CommunityAdded',
      communityId,
      payload: { controlNode: false, chats: [], name: 'found' },
    })
    expect(await state.collection(communities).get(communityId)).toBeUndefined()
    expect(await registry.get(communityId)).toMatchObject({ name: 'found', joined: true })
    await state.collection(communities).delete(communityId, 1)
    expect(await new CommunityRegistry(bus, state).get(communityId)).toMatchObject({ name: 'found', lastSequence: 1 })
  })

  it('goes by the log when its row is behind', async () => {
    await using node = await openTestNode()
    const { state, registry } = node.context
    const communityId = await addControlled(node.context)
    const now = await registry.get(communityId)
    const row = await state.collection(communities).get(communityId)
    await state.collection(communities).put(communityId, { ...initialCommunity(communityId) }, row?.version ?? 0)
    expect(await registry.get(communityId)).toEqual(now)
  })

  it('lists every community', async () => {
    await using node = await openTestNode()
    const controlled = await addControlled(node.context, 1)
    const member = communityIdOfPrivateKey(privateKeyOf(2))
    await addMember(node.context, member)
    const listed = await Array.fromAsync(node.context.registry.list())
    expect(listed.map(({ communityId }) => communityId)).toEqual([controlled, member].sort())
  })
})
