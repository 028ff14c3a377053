import { setImmediate } from 'node:timers/promises'
import type { ServiceContext } from '@annals/service'
import {
  NoSigningKeyError,
  Secret,
  announceChatId,
  communityIdOfPrivateKey,
  decodeMagnetMessage,
  fromHex,
  signWithKey,
  signableTypes,
  toHex,
} from '@annals/crypto'
import type { AttachedSigner } from '@annals/keys/remote'
import { SignerHub } from '@annals/keys/remote'
import {
  Faults,
  addControlled,
  addMember,
  appendArchive,
  eventsOf,
  messageOf,
  openTestNode,
  privateKeyOf,
  waitForEvent,
} from '@annals/service/testing'
import { communityKeys, dispatches } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { dispatchMagnetLink } from './dispatch-magnet-link.ts'
import { DueDispatches } from './due-dispatches.ts'
import { magnetDispatcher } from './magnet-dispatcher.ts'
import { leaveSeeded } from './testing/leave-seeded.ts'

/** All that stands on a chat, up to now. */
async function announced(context: ServiceContext, communityId: string, channel = 'magnetlinks'): Promise<string[]> {
  const chat = announceChatId(communityId, channel)
  const end = new TextEncoder().encode('the end')
  await context.channel.publish(chat, end)
  const messages: string[] = []
  for await (const { payload } of context.channel.receive(chat, { signal: new AbortController().signal })) {
    if (Buffer.from(payload).equals(end)) break
    messages.push(toHex(payload))
  }
  return messages
}

async function dueAt(context: ServiceContext, communityId: string): Promise<number | undefined> {
  return (await context.state.collection(dispatches).get(communityId))?.value.dueAt
}

const read = (message: string): ReturnType<typeof decodeMagnetMessage> => decodeMagnetMessage(fromHex(message))

it('magnet-dispatcher › announces what is seeded on every configured channel, signed by the community', async () => {
  await using node = await openTestNode({ env: { ANNALS_ANNOUNCE_CHANNELS: 'magnetlinks,memberUpdate' } })
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await leaveSeeded(context, communityId, 1_000)
  await dispatchMagnetLink(context, communityId)
  const [message = ''] = await announced(context, communityId)
  expect(await announced(context, communityId, 'memberUpdate')).toEqual([message])
  expect(read(message)).toMatchObject({ communityId, clockMilliseconds: context.clock.nowMilliseconds() })
  const [dispatched] = await eventsOf(context, communityId, 'MagnetLinkDispatched')
  expect(dispatched?.payload).toMatchObject({ infoHash, magnetLink: read(message).magnetLink })
})

it('magnet-dispatcher › goes on with the trace in which an announcement began to wait', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await leaveSeeded(context, communityId, 1_000)
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const waiting = { clockMilliseconds: 5, infoHash, magnetLink: '', message: '', tries: 1, dueAt: 1 }
  const row = { ...waiting, traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  await context.state.collection(dispatches).put(communityId, row, 0)
  await using _due = new DueDispatches(context)
  expect((await waitForEvent(context, communityId, 'MagnetLinkDispatched')).traceparent).toContain(traceId)
})

it('magnet-dispatcher › says one torrent once, however often it is asked', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await leaveSeeded(context, communityId, 1_000)
  for (let time = 0; time < 3; time += 1) {
    await dispatchMagnetLink(context, communityId)
    context.clock.now += 60
  }
  expect(await announced(context, communityId)).toHaveLength(1)
  expect(await eventsOf(context, communityId, 'MagnetLinkDispatched')).toHaveLength(1)
})

it('magnet-dispatcher › announces the same again on a beat, under a newer clock, and not while archiving is off', async () => {
  await using node = await openTestNode({ env: { ANNALS_REPEAT_SECONDS: '1' } })
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await leaveSeeded(context, communityId, 1_000)
  await dispatchMagnetLink(context, communityId)
  context.clock.now += 60
  await using running = await node.start(magnetDispatcher)
  const first = await waitForEvent(context, communityId, 'MagnetLinkDispatched')
  const second = await waitForEvent(context, communityId, 'MagnetLinkDispatched', first.sequence)
  expect(second.payload.infoHash).toBe(infoHash)
  expect(second.payload.clockMilliseconds).toBeGreaterThanOrEqual(first.payload.clockMilliseconds + 60_000)
  await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
  await expect.poll(() => dueAt(context, communityId), { timeout: 10_000 }).toBeUndefined()
  await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
  await expect.poll(() => dueAt(context, communityId), { timeout: 10_000 }).toBeDefined()
  await running[Symbol.asyncDispose]()
})

it('magnet-dispatcher › repeats nothing where that is switched off', async () => {
  await using node = await openTestNode({ env: { ANNALS_REPEAT_SECONDS: '0' } })
  const communityId = await addControlled(node.context)
  await leaveSeeded(node.context, communityId, 1_000)
  await dispatchMagnetLink(node.context, communityId)
  expect(await dueAt(node.context, communityId)).toBeUndefined()
})

it('magnet-dispatcher › has a clock that grows though the machine’s goes back', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await leaveSeeded(context, communityId, 1_000)
  await dispatchMagnetLink(context, communityId)
  context.clock.now -= 86_400
  await leaveSeeded(context, communityId, 2_000)
  await dispatchMagnetLink(context, communityId)
  const [first = 0, second = 0] = (await announced(context, communityId)).map((each) => read(each).clockMilliseconds)
  expect(second).toBe(first + 1)
})

it('magnet-dispatcher › announces no torrent that is older than the newest one', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await leaveSeeded(context, communityId, 1_000)
  await appendArchive(context, communityId, [messageOf(communityId, 2_001)], 2_000)
  await dispatchMagnetLink(context, communityId)
  expect(await announced(context, communityId)).toEqual([])
})

it('magnet-dispatcher › announces nothing of a community that is another’s, switched off, left or unknown', async () => {
  await using node = await openTestNode()
  const { context } = node
  const unknown = communityIdOfPrivateKey(privateKeyOf(1))
  const member = communityIdOfPrivateKey(privateKeyOf(2))
  await addMember(context, member)
  const off = await addControlled(context, 3)
  await context.registry.execute(off, { type: 'DisableArchiving' }, 'test')
  const left = await addControlled(context, 4)
  await context.registry.execute(left, { type: 'LeaveCommunity' }, 'test')
  for (const communityId of [unknown, member, off, left]) {
    await leaveSeeded(context, communityId, 1_000)
    await dispatchMagnetLink(context, communityId)
    expect(await announced(context, communityId)).toEqual([])
  }
})

it('magnet-dispatcher › announces what began to be seeded while archiving was off for a moment', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await leaveSeeded(context, communityId, 1_000)
  await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
  await dispatchMagnetLink(context, communityId)
  await node.start(magnetDispatcher)
  await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
  expect((await waitForEvent(context, communityId, 'MagnetLinkDispatched')).payload.infoHash).toBe(infoHash)
})

it('magnet-dispatcher › says which community’s key is missing', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  await context.state.collection(communityKeys).delete(communityId, 1)
  await leaveSeeded(context, communityId, 1_000)
  const error = await dispatchMagnetLink(context, communityId).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(NoSigningKeyError)
  expect(error).toMatchObject({ communityId })
})

it('magnet-dispatcher › no announcement is lost when a queue is full: it goes out once the channel takes it', async () => {
  let refusals = 2
  await using node = await openTestNode({
    wrapEngines: (engines) => {
      const publish = engines.channel.publish.bind(engines.channel)
      engines.channel.publish = async (chat, payload) => {
        if (refusals-- > 0) throw new Error('the queue is full')
        await publish(chat, payload)
      }
      return engines
    },
  })
  const { context } = node
  const communityId = await addControlled(context)
  const infoHash = await leaveSeeded(context, communityId, 1_000)
  await node.start(magnetDispatcher)
  expect((await waitForEvent(context, communityId, 'MagnetLinkDispatched')).payload.infoHash).toBe(infoHash)
  expect(await announced(context, communityId)).toHaveLength(1)
})

it('magnet-dispatcher › sends the very same bytes when any effect fails once after its row is written', async () => {
  const moments = [
    'before dispatches.put',
    'after dispatches.put',
    'before channel.publish',
    'after channel.publish',
    'before bus.publish',
    'after bus.publish',
  ]
  for (const [at, moment] of moments.entries()) {
    await using node = await openTestNode()
    const { context } = node
    const communityId = await addControlled(context)
    await leaveSeeded(context, communityId, 1_000)
    const faulty = { ...context, ...new Faults(at).wrap(context) }
    await expect(dispatchMagnetLink(faulty, communityId)).rejects.toMatchObject({ moment })
    const kept = (await context.state.collection(dispatches).get(communityId))?.value.message
    context.clock.now += 3_600
    await dispatchMagnetLink(context, communityId)
    const [message, ...others] = await announced(context, communityId)
    expect(others).toEqual([])
    expect(message).toBe(kept ?? message)
    expect(await eventsOf(context, communityId, 'MagnetLinkDispatched')).toHaveLength(1)
  }
})

/** A community whose key is its owner's, and the owner. */
async function addDelegated(context: ServiceContext): Promise<{ communityId: string; hub: SignerHub }> {
  const communityId = communityIdOfPrivateKey(privateKeyOf(5))
  await context.keys.communities.delegate(communityId)
  const add = { type: 'AddCommunity', controlNode: true, name: 'Test', chats: [] } as const
  await context.registry.execute(communityId, add, 'test')
  await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
  return { communityId, hub: new SignerHub(context.state, context.log) }
}

/** The owner's signer, as far as the store knows of it. */
function attach(hub: SignerHub, communityId: string, refuses = (): boolean => false): Disposable {
  const asked = new Set<number>()
  const ask: AttachedSigner['ask'] = (row) => {
    if (asked.has(row.version)) return
    const request = { communityId, type: signableTypes.magnetLink, payload: fromHex(row.value.payload) }
    const signature = Buffer.from(signWithKey(new Secret(privateKeyOf(5)), request))
    const refused = refuses()
    if (!refused) asked.add(row.version)
    void hub.settle(row, { questionId: 1, ...(refused ? { refusal: 'not now' } : { signature }) })
  }
  return hub.attach({ communityId, ask })
}

describe('magnet-dispatcher › where the owner signs', () => {
  it('an announcement is kept while the signer is away, and goes out when it is back, under the first clock', async () => {
    await using node = await openTestNode()
    const { context } = node
    const { communityId, hub } = await addDelegated(context)
    await using _ = hub
    const infoHash = await leaveSeeded(context, communityId, 1_000)
    const asked = context.clock.nowMilliseconds()
    expect(await dispatchMagnetLink(context, communityId)).toBe(false)
    context.clock.now += 3_600
    await node.start(magnetDispatcher)
    using _signer = attach(hub, communityId)
    const { payload } = await waitForEvent(context, communityId, 'MagnetLinkDispatched')
    expect(payload).toMatchObject({ infoHash, clockMilliseconds: asked })
    const [message, ...others] = await announced(context, communityId)
    expect(others).toEqual([])
    expect(read(message ?? '')).toMatchObject({ communityId, clockMilliseconds: asked })
    // Nothing is waited for any more but the time to repeat it.
    const rows = context.state.collection(dispatches)
    while ((await rows.get(communityId))?.value.repeats !== true) await setImmediate()
  })

  it('a refusal is not the end: it is asked again', async () => {
    await using node = await openTestNode()
    const { context } = node
    const { communityId, hub } = await addDelegated(context)
    await using _ = hub
    await leaveSeeded(context, communityId, 1_000)
    let refusals = 1
    using _signer = attach(hub, communityId, () => refusals-- > 0)
    await node.start(magnetDispatcher)
    await dispatchMagnetLink(context, communityId)
    await waitForEvent(context, communityId, 'MagnetLinkDispatched')
    expect(refusals).toBeLessThan(0)
    expect(await announced(context, communityId)).toHaveLength(1)
  })

  it('what waited and was signed stays due until it went out, whatever dies in between', async () => {
    await using node = await openTestNode()
    const { context } = node
    const { communityId, hub } = await addDelegated(context)
    await using _ = hub
    await leaveSeeded(context, communityId, 1_000)
    await dispatchMagnetLink(context, communityId)
    using _signer = attach(hub, communityId)
    const silent = { ...context.channel, publish: () => Promise.reject(new TypeError('killed')) }
    const killed = { ...context, channel: silent as unknown as ServiceContext['channel'] }
    let outcome: unknown = false
    while (outcome === false) {
      outcome = await dispatchMagnetLink(killed, communityId).catch((error: unknown) => error)
      await setImmediate()
    }
    expect(outcome).toBeInstanceOf(TypeError)
    const row = await context.state.collection(dispatches).get(communityId)
    expect(row?.value.message).not.toBe('')
    expect(row?.value.dueAt).toBeGreaterThan(0)
    // Its time comes.
    if (row !== undefined)
      await context.state.collection(dispatches).put(communityId, { ...row.value, dueAt: 0 }, row.version)
    await node.start(magnetDispatcher)
    await waitForEvent(context, communityId, 'MagnetLinkDispatched')
    expect(await announced(context, communityId)).toEqual([row?.value.message])
  })

  it('what is switched off meanwhile is waited for no longer, and announced when it is on again', async () => {
    await using node = await openTestNode()
    const { context } = node
    const { communityId, hub } = await addDelegated(context)
    await using _ = hub
    await leaveSeeded(context, communityId, 1_000)
    await dispatchMagnetLink(context, communityId)
    await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    await node.start(magnetDispatcher)
    const rows = context.state.collection(dispatches)
    while ((await rows.get(communityId))?.value.dueAt !== undefined) await setImmediate()
    using _signer = attach(hub, communityId)
    await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
    await waitForEvent(context, communityId, 'MagnetLinkDispatched')
    expect(await announced(context, communityId)).toHaveLength(1)
  })
})
