import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CommunityChannel } from '@annals/channels'
import type { ServiceContext } from '@annals/service'
import { announceChatId, fromHex } from '@annals/crypto'
import { systemClock } from '@annals/service'
import { Faults, addControlled, eventsOf, openTestNode } from '@annals/service/testing'
import type { TestNode, TestNodeOptions } from '@annals/service/testing'
import type { AnnouncementProbe, Versioned } from '@annals/storage'
import { announcementProbes, dispatches } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { dispatchMagnetLink } from './dispatch-magnet-link.ts'
import { DueProbes } from './due-probes.ts'
import { magnetDispatcher } from './magnet-dispatcher.ts'
import { probeAnnouncement } from './probe-announcement.ts'
import { leaveSeeded } from './testing/leave-seeded.ts'

const { signal } = new AbortController()
const beatSeconds = 1_000
const env = { ANNALS_PROBE_SECONDS: String(beatSeconds) }

/** Somebody takes all messages out of the channel. */
function lose({ folder }: TestNode): void {
  using database = new DatabaseSync(join(folder, 'channel', 'channel.db'))
  database.exec('DELETE FROM messages')
}

/** A node whose channel counts, and answers what a test wants. */
function openNode(
  options: TestNodeOptions & { readonly holds?: CommunityChannel['holds'] } = {},
): Promise<TestNode & { readonly published: string[]; readonly asked: string[] }> {
  const published: string[] = []
  const asked: string[] = []
  const opening = openTestNode({
    env,
    ...options,
    wrapEngines(engines) {
      const { channel } = engines
      const publish = channel.publish.bind(channel)
      const holds = options.holds ?? channel.holds.bind(channel)
      channel.publish = async (chat, ...rest) => {
        await publish(chat, ...rest)
        published.push(chat)
      }
      channel.holds = (chat, ...rest) => {
        asked.push(chat)
        return holds(chat, ...rest)
      }
      return engines
    },
  })
  return opening.then((node) => ({ ...node, published, asked }))
}

async function announce(context: ServiceContext, number = 7): Promise<string> {
  const communityId = await addControlled(context, number)
  await leaveSeeded(context, communityId, 1_000)
  await dispatchMagnetLink(context, communityId)
  return communityId
}

/** The row that is due next, claimed; its time has come. */
async function claim({ state }: ServiceContext): Promise<Versioned<AnnouncementProbe>> {
  const row = await state.collection(announcementProbes).claimDue({ owner: 'test', now: Infinity, leaseSeconds: 1 })
  if (row === undefined) throw new Error('no announcement is to be looked for')
  return row
}

async function probeOf({ state }: ServiceContext, communityId: string): Promise<AnnouncementProbe | undefined> {
  return (await state.collection(announcementProbes).get(communityId))?.value
}

async function isHeld(context: ServiceContext, communityId: string): Promise<boolean | 'unknown'> {
  const message = (await context.state.collection(dispatches).get(communityId))?.value.message ?? ''
  const chat = announceChatId(communityId, 'magnetlinks')
  return context.channel.holds(chat, fromHex(message), { sinceMilliseconds: 0, signal })
}

const silent: CommunityChannel['holds'] = () => Promise.resolve('unknown')
const keepsNothing: CommunityChannel['holds'] = () => Promise.resolve(false)

describe('magnet-dispatcher › looks for an announcement as somebody new would find it', () => {
  it('and does nothing where it is found but to know when that was', async () => {
    await using node = await openNode()
    const { context } = node
    const communityId = await announce(context)
    const before = systemClock.nowSeconds()
    expect(await probeAnnouncement(context, await claim(context), signal)).toBe('found')
    expect(node.published).toHaveLength(1)
    const probe = await probeOf(context, communityId)
    expect(probe).toMatchObject({ repetitions: 0 })
    expect(probe?.foundAt).toBeGreaterThanOrEqual(before)
    expect(probe?.dueAt).toBeGreaterThanOrEqual(before + 0.75 * beatSeconds)
  })

  it('and has the very same bytes there again at once where they are gone', async () => {
    await using node = await openNode({ env: { ANNALS_PROBE_SECONDS: '1' } })
    const { context } = node
    const communityId = await announce(context)
    lose(node)
    expect(await isHeld(context, communityId)).toBe(false)
    await node.start(magnetDispatcher)
    await expect.poll(() => isHeld(context, communityId), { timeout: 20_000 }).toBe(true)
    await expect.poll(async () => (await probeOf(context, communityId))?.foundAt, { timeout: 20_000 }).toBeDefined()
    expect(node.published).toHaveLength(2)
    expect(await probeOf(context, communityId)).not.toHaveProperty('missingSince')
    expect(await eventsOf(context, communityId, 'MagnetLinkDispatched')).toHaveLength(1)
  })

  it('on every configured channel, and says it again only where it is missing', async () => {
    const other = 'memberUpdate'
    const missing: CommunityChannel['holds'] = async (chat) => !chat.endsWith(other)
    const both = { ...env, ANNALS_ANNOUNCE_CHANNELS: `magnetlinks,${other}` }
    await using node = await openNode({ holds: missing, env: both })
    const { context } = node
    const communityId = await announce(context)
    expect(await probeAnnouncement(context, await claim(context), signal)).toBe('missing')
    const chats = ['magnetlinks', other, other].map((name) => announceChatId(communityId, name))
    expect(node.published).toEqual(chats)
  })

  it('and repeats nothing where nobody answers', async () => {
    await using node = await openNode({ holds: silent })
    const { context } = node
    const communityId = await announce(context)
    expect(await probeAnnouncement(context, await claim(context), signal)).toBe('unknown')
    expect(node.published).toHaveLength(1)
    const probe = await probeOf(context, communityId)
    expect(probe).toMatchObject({ repetitions: 0, unknownSince: expect.any(Number) as number })
    expect(probe).not.toHaveProperty('missingSince')
    expect(probe?.dueAt).toBeLessThan(systemClock.nowSeconds() + beatSeconds / 2)
  })

  it('and takes a channel that refuses for one that does not answer', async () => {
    await using node = await openNode({ holds: () => Promise.reject(new TypeError('refused')) })
    await announce(node.context)
    expect(await probeAnnouncement(node.context, await claim(node.context), signal)).toBe('unknown')
    expect(node.published).toHaveLength(1)
  })

  it('with longer and longer pauses where the chat keeps nothing, whether it takes the message or not', async () => {
    let tries = 0
    await using node = await openNode({ holds: keepsNothing })
    const { context } = node
    const communityId = await announce(context)
    const publish = context.channel.publish.bind(context.channel)
    context.channel.publish = async (...args) => {
      tries += 1
      if (tries === 2) throw new TypeError('no store has it')
      await publish(...args)
    }
    const since: (number | undefined)[] = []
    for (const factor of [1, 2, 4, 8]) {
      const now = systemClock.nowSeconds()
      expect(await probeAnnouncement(context, await claim(context), signal)).toBe('missing')
      const probe = await probeOf(context, communityId)
      expect(probe?.dueAt).toBeGreaterThanOrEqual(now + factor * 0.75 * beatSeconds)
      since.push(probe?.missingSince)
    }
    expect(tries).toBe(4)
    expect(new Set(since).size).toBe(1)
    // What is announced next begins anew.
    await leaveSeeded(context, communityId, 2_000)
    await dispatchMagnetLink(context, communityId)
    expect(await probeOf(context, communityId)).toMatchObject({ repetitions: 0 })
  })

  it('for as long as it is announced here, and again when archiving is on again', async () => {
    await using node = await openNode()
    const { context } = node
    const communityId = await announce(context)
    await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    expect(await probeAnnouncement(context, await claim(context), signal)).toBeUndefined()
    expect(await probeOf(context, communityId)).not.toHaveProperty('dueAt')
    await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
    await dispatchMagnetLink(context, communityId)
    expect(await probeAnnouncement(context, await claim(context), signal)).toBe('found')
  })

  it('but not for one that something newer is about to take the place of', async () => {
    await using node = await openNode({ holds: keepsNothing })
    const { context } = node
    const communityId = await announce(context)
    await leaveSeeded(context, communityId, 2_000)
    expect(await probeAnnouncement(context, await claim(context), signal)).toBeUndefined()
    expect(node.published).toHaveLength(1)
    await dispatchMagnetLink(context, communityId)
    expect(await probeAnnouncement(context, await claim(context), signal)).toBe('missing')
  })

  it('and leaves it to another process where it is told to stop meanwhile', async () => {
    const stopping = new AbortController()
    const holds: CommunityChannel['holds'] = async () => {
      stopping.abort()
      return 'unknown'
    }
    await using node = await openNode({ holds })
    const communityId = await announce(node.context)
    const row = await claim(node.context)
    expect(await probeAnnouncement(node.context, row, stopping.signal)).toBeUndefined()
    expect(await probeOf(node.context, communityId)).toEqual(row.value)
  })

  it('not at all where that is switched off', async () => {
    await using node = await openNode({ env: { ANNALS_PROBE_SECONDS: '0' } })
    const communityId = await announce(node.context)
    expect(await probeOf(node.context, communityId)).toBeUndefined()
  })

  it('once for each community, however many dispatchers there are', async () => {
    await using node = await openNode()
    const { context } = node
    const communityIds: string[] = []
    for (let number = 1; number <= 12; number += 1) communityIds.push(await announce(context, number))
    const rows = context.state.collection(announcementProbes)
    for await (const { id, version, value } of rows.list()) await rows.put(id, { ...value, dueAt: 0 }, version)
    await using _one = new DueProbes(context)
    await using _other = new DueProbes(context)
    for (const communityId of communityIds)
      await expect.poll(async () => (await probeOf(context, communityId))?.foundAt).toBeDefined()
    expect(node.asked.toSorted()).toEqual(communityIds.map((id) => announceChatId(id, 'magnetlinks')).toSorted())
  })

  it('and says it once more than needed at most, when any effect fails once', async () => {
    const moments = [
      'before channel.publish',
      'after channel.publish',
      'before announcement-probes.put',
      'after announcement-probes.put',
    ]
    for (const [at, moment] of moments.entries()) {
      await using node = await openNode()
      const { context } = node
      const communityId = await announce(context)
      lose(node)
      const faults = new Faults(at)
      const faulty = { ...context, ...faults.wrap(context) }
      const looked = await probeAnnouncement(faulty, await claim(context), signal).catch(() => 'failed')
      expect(looked).toBe(moment.includes('put') ? 'failed' : 'missing')
      expect(faults.moments[at]).toBe(moment)
      await probeAnnouncement(context, await claim(context), signal)
      expect(await isHeld(context, communityId)).toBe(true)
      expect(node.published.length).toBeLessThanOrEqual(3)
    }
  })
})
