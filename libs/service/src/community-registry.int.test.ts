import { UnknownCommunityError, communityForm, initialCommunity } from '@annals/community'
import { communityIdOfPrivateKey } from '@annals/crypto'
import type { EventBus, NewEvent } from '@annals/events'
import { communities } from '@annals/storage'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { CommunityRegistry } from './community-registry.ts'
import { addControlled, addMember, log, openTestNode, privateKeyOf, waitForEvent } from './testing/index.ts'

const silent = pino({ level: 'silent' })

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

  it('lets one of commands that race win, and tells the others what became of the community', async () => {
    await using node = await openTestNode()
    const { registry } = node.context
    const communityId = await addControlled(node.context)
    const change = async (channelId: string): Promise<string[]> => {
      const changed = await registry.execute(communityId, { type: 'ChangeChats', chats: [chat(channelId)] }, 'test')
      return changed.chats.map((each) => each.channelId)
    }
    const [one, two, three] = await Promise.all(['one', 'two', 'three'].map(change))
    expect([one, two, three]).toEqual([one, one, one])
    expect((await log(node.context, communityId)).filter((id) => id.startsWith('CommunityChatsChanged'))).toHaveLength(
      1,
    )
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
    expect(await new CommunityRegistry(bus, state, silent).get(communityId)).toMatchObject({
      name: 'found',
      lastSequence: 1,
    })
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

  it('gives commands again that the log has lost, in whole or in part', async () => {
    await using node = await openTestNode()
    const { state, registry } = node.context
    const communityId = await addControlled(node.context)
    const command = { type: 'ChangeChats', chats: [chat('one'), chat('two')] } as const
    const { lastSequence: _, lastEventId: _id, ...now } = await registry.execute(communityId, command, 'test')
    const published = await Array.fromAsync(node.context.bus.read({ communityId }))
    for (const kept of [0, 1, 2]) {
      // The log of another node is one that has lost its end, and then took events of others.
      await using other = await openTestNode()
      const { bus } = other.context
      for (const { id, name, payload } of published.slice(0, kept))
        await bus.publish({ id, name, communityId, payload } as NewEvent)
      for (const number of [2, 3, 4]) await addMember(other.context, communityIdOfPrivateKey(privateKeyOf(number)))
      const both = [1, 2].map(() => new CommunityRegistry(bus, state, silent).get(communityId))
      for (const brought of await Promise.all(both)) expect(brought).toMatchObject(now)
      const all = await Array.fromAsync(bus.read({ communityId }))
      expect(all.slice(0, kept).map(({ id }) => id)).toEqual(published.slice(0, kept).map(({ id }) => id))
      const names = all.map(({ name }) => name)
      expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
    }
  })

  it('gives a command again when the bus is back, though nobody asks for the community', async () => {
    await using node = await openTestNode()
    await using other = await openTestNode()
    const listeners: (() => void)[] = []
    let engine: EventBus = node.context.bus
    const bus: EventBus = {
      deadLetters: engine.deadLetters,
      publish: (...args) => engine.publish(...args),
      read: (...args) => engine.read(...args),
      consume: (...args) => engine.consume(...args),
      lastSequence: () => engine.lastSequence(),
      onReconnect: (listener) => {
        listeners.push(listener)
        return { [Symbol.dispose]: () => undefined }
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
    const registry = new CommunityRegistry(bus, node.context.state, silent)
    const communityId = communityIdOfPrivateKey(privateKeyOf(1))
    const add = { type: 'AddCommunity', controlNode: false, name: 'kept', chats: [] } as const
    await registry.execute(communityId, add, 'test')
    engine = other.context.bus
    for (const listener of listeners) listener()
    const event = await waitForEvent(other.context, communityId, 'CommunityAdded')
    expect(event.payload).toMatchObject({ name: 'kept', controlNode: false })
  })

  it('makes a row anew that a version of another form wrote, and goes on with its own', async () => {
    await using node = await openTestNode()
    const communityId = await addControlled(node.context)
    const rows = node.context.state.collection(communities)
    const own = await node.context.registry.get(communityId)
    // As one writes it that takes in other events: what this one takes in it passed over.
    const before = await rows.get(communityId)
    if (own === undefined || before === undefined) throw new TypeError('the community was added')
    const { version } = await rows.put(
      communityId,
      { ...own, archivingOn: false, form: communityForm + 1 },
      before.version,
    )
    expect(await node.context.registry.get(communityId)).toEqual(own)
    expect(await rows.get(communityId)).toMatchObject({ version: version + 1, value: own })
    await node.context.registry.get(communityId)
    expect((await rows.get(communityId))?.version).toBe(version + 1)
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
