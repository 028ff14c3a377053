import { startWakuPair } from '@annals/channels/waku/testing'
import { Secret } from '@annals/crypto'
import { installWakuForTests, installWakuLimitMilliseconds, startOrSkip } from '@annals/local-servers/testing'
import type { ServiceContext } from '@annals/service'
import { log, privateKeyOf, waitForEvent } from '@annals/service/testing'
import { schedules } from '@annals/storage'
import { beforeAll, expect, it } from 'vitest'
import { openWakuTestNode, startAll, talk, weekSeconds } from './support/waku-node.ts'

beforeAll(installWakuForTests, installWakuLimitMilliseconds)

const chats = [{ channelId: 'general', name: 'General' }]

/** Adds a community whose key is here, with archiving off. */
async function addWithKey({ keys, registry }: ServiceContext, number: number, controlNode: boolean): Promise<string> {
  const { communityId } = await keys.communities.put(new Secret(privateKeyOf(number)))
  await registry.execute(communityId, { type: 'AddCommunity', controlNode, name: 'Test', chats }, 'test')
  return communityId
}

async function namesIn(context: ServiceContext, communityId: string, after = 0): Promise<string[]> {
  const all = await log(context, communityId)
  const names = all.map((id) => id.split('/')[0] ?? '')
  return names.slice(after)
}

const dueAt = async ({ state }: ServiceContext, communityId: string): Promise<number | undefined> =>
  (await state.collection(schedules).get(communityId))?.value.dueAt

it('archiving is switched on, off and on, the community left, and its control lost, over Waku', async (test) => {
  await using pair = await startOrSkip(test, startWakuPair)
  await using node = await openWakuTestNode(pair.first.url, [pair.first.url, pair.second.url], '')
  const { context } = node
  await startAll(node)
  const communityId = await addWithKey(context, 52, true)
  const execute = (type: 'EnableArchiving' | 'DisableArchiving' | 'LeaveCommunity') =>
    context.registry.execute(communityId, { type }, 'test')
  await talk(pair.second.url, communityId, ['one', 'two'])
  expect(await namesIn(context, communityId)).toEqual(['CommunityAdded'])

  // Switched on at run time: the stores are asked, and as what they had is a week old, it is archived and announced.
  await execute('EnableArchiving')
  const { payload: synced } = await waitForEvent(context, communityId, 'HistorySynced')
  expect(synced.storeSync).toMatchObject({ gaveUp: false, stores: [{ failure: '' }, { failure: '' }] })
  const { sequence: dispatched } = await waitForEvent(context, communityId, 'MagnetLinkDispatched')
  expect(await namesIn(context, communityId)).toEqual([
    'CommunityAdded',
    'ArchivingEnabled',
    'HistorySyncRequested',
    'HistorySynced',
    'ArchiveDue',
    'ArchivingStarted',
    'ArchiveCreated',
    'SeedingStarted',
    'MagnetLinkDispatched',
  ])

  // Switched off: nothing is seeded, which is said, and no interval goes on.
  await execute('DisableArchiving')
  const { sequence: unseeded } = await waitForEvent(context, communityId, 'Unseeded', dispatched)
  expect(context.torrents.seeding()).toEqual([])
  expect(await dueAt(context, communityId)).toBeUndefined()
  context.clock.now += 2 * weekSeconds

  // On again: what exists is seeded, what came meanwhile is asked for and archived from the last end on.
  const before = (await namesIn(context, communityId)).length
  await execute('EnableArchiving')
  await waitForEvent(context, communityId, 'SeedingStarted', unseeded)
  const { payload: none } = await waitForEvent(context, communityId, 'NoArchiveCreated', unseeded)
  const { payload: first } = await waitForEvent(context, communityId, 'ArchiveCreated')
  expect(none.from).toBe(first.to)
  expect((await namesIn(context, communityId, before)).toSorted()).toEqual(
    [
      'ArchivingEnabled',
      'HistorySyncRequested',
      'HistorySynced',
      'SeedingStarted',
      'ArchiveDue',
      'ArchivingStarted',
      'NoArchiveCreated',
    ].toSorted(),
  )

  // Left: the same as switched off.
  await execute('LeaveCommunity')
  const { sequence: left } = await waitForEvent(context, communityId, 'CommunityLeft')
  await waitForEvent(context, communityId, 'Unseeded', left)
  expect(context.torrents.seeding()).toEqual([])
  expect(await dueAt(context, communityId)).toBeUndefined()

  // Another node is its control node from now on: this one archives nothing, and takes announcements as a member does.
  await addWithKey(context, 52, false)
  const joined = (await namesIn(context, communityId)).length
  await execute('EnableArchiving')
  await waitForEvent(context, communityId, 'DownloadFinished', left)
  context.clock.now += 2 * weekSeconds
  expect(await dueAt(context, communityId)).toBeUndefined()
  const asMember = await namesIn(context, communityId, joined)
  expect(asMember).toContain('MagnetLinkReceived')
  for (const name of ['HistorySyncRequested', 'ArchiveDue', 'MagnetLinkDispatched'])
    expect(asMember).not.toContain(name)
}, 60_000)
