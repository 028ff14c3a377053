import type { Finding, ServiceContext } from '@annals/service'
import type { TestNode } from '@annals/service/testing'
import { join } from 'node:path'
import { archiver } from '@annals/archiver'
import { GroupKey, toHex } from '@annals/crypto'
import { eventId } from '@annals/events'
import { fetcher } from '@annals/fetcher'
import { magnetDispatcher } from '@annals/magnet-dispatcher'
import { seeder } from '@annals/seeder'
import { compareWithLog } from '@annals/service'
import { addControlled, addMember, messageOf, openTestNode, publishDue, waitForEvent } from '@annals/service/testing'
import { startTracker } from '@annals/torrents/tracker'
import { expect, it } from 'vitest'

async function timesOf({ messages }: ServiceContext, communityId: string): Promise<number[]> {
  const batches = await Array.fromAsync(messages.range(communityId, {}))
  return batches.flat().map(({ timestamp }) => timestamp)
}

/** As a chat application does: a member gets the key of one id, and its node hears of it. */
async function handOn(from: TestNode, to: TestNode, communityId: string, keyId: Uint8Array): Promise<void> {
  const kept = await from.context.keys.groups.get(communityId, keyId)
  if (kept === undefined) throw new Error('the key is not there')
  const { groupId, key, timestampMilliseconds } = kept
  await to.context.keys.groups.putRead(communityId, new GroupKey({ groupId, key: key.reveal(), timestampMilliseconds }))
  const payload = { keyId: toHex(keyId), groupId: toHex(groupId) }
  const id = eventId('GroupKeyAdded', communityId, payload.keyId)
  await to.context.bus.publish({ id, name: 'GroupKeyAdded', communityId, payload })
}

it('an encrypted history goes from its control node to members over a rotation, by way of one without keys', async () => {
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0, announceSeconds: 1 })
  const env = { ANNALS_TRACKERS: tracker.announceUrl }
  await using control = await openTestNode({ env })
  const channel = { ...env, ANNALS_CHANNEL: join(control.folder, 'channel') }
  await using keyless = await openTestNode({ env: channel })
  await using member = await openTestNode({ env: channel })
  const { context } = control
  const communityId = await addControlled(context)
  for (const node of [keyless, member]) await addMember(node.context, communityId)
  for (const service of [archiver, seeder, magnetDispatcher]) await control.start(service)
  for (const service of [fetcher, seeder]) await keyless.start(service)

  const { keyId: first } = await context.keys.groups.create(communityId, 1_000, false)
  await context.messages.ingest(communityId, [messageOf(communityId, 1_100)], 'pending')
  await publishDue(context, communityId, 1_000, 2_000)
  const { sequence } = await waitForEvent(context, communityId, 'MagnetLinkDispatched')
  const { keyId: second } = await context.keys.groups.create(communityId, 2_000, true)
  await context.messages.ingest(communityId, [messageOf(communityId, 2_100)], 'pending')
  await publishDue(context, communityId, 2_000, 3_000)
  const { payload: announced } = await waitForEvent(context, communityId, 'MagnetLinkDispatched', sequence)

  // The member without keys has it all, can read nothing, and seeds it.
  for (let after = 0; ;) {
    const seeding = await waitForEvent(keyless.context, communityId, 'SeedingStarted', after)
    if (seeding.payload.infoHash === announced.infoHash) break
    after = seeding.sequence
  }
  expect(await timesOf(keyless.context, communityId)).toEqual([])
  await context.torrents.unseed(communityId, announced.infoHash)

  await handOn(control, member, communityId, second)
  await member.start(fetcher)
  await member.start(seeder)
  const { payload: finished } = await waitForEvent(member.context, communityId, 'DownloadFinished')
  expect(finished).toMatchObject({ infoHash: announced.infoHash, archivesImported: 1, archivesWaiting: 1 })
  expect(await timesOf(member.context, communityId)).toEqual([2_100])
  await handOn(control, member, communityId, first)
  await waitForEvent(member.context, communityId, 'ArchiveDecrypted')
  expect(await timesOf(member.context, communityId)).toEqual([1_100, 2_100])
  for (const { context: node } of [control, keyless, member]) {
    const findings: Finding[] = []
    const onDifference = (finding: Finding): void => void findings.push(finding)
    await compareWithLog(node, { signal: new AbortController().signal, onDifference })
    // No scheduler was at work.
    expect(findings.filter(({ collection }) => collection !== 'schedules')).toEqual([])
  }
})
