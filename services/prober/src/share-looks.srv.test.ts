import { addControlled, log, openInstallation, waitForEvent } from '@annals/service/testing'
import { eventId } from '@annals/events'
import { expect, it } from 'vitest'
import { prober } from './prober.ts'
import { leaveAnnounced } from './testing/leave-announced.ts'

it('probers on real servers share the looks, and say each change once', async () => {
  await using installation = openInstallation({ ANNALS_FETCH_PROBE_SECONDS: '1', ANNALS_FETCH_STALL_SECONDS: '1' })
  await using a = await installation.open('prober-a')
  await using b = await installation.open('prober-b')
  const { context } = a
  const communityIds = [await addControlled(context, 7), await addControlled(context, 8)]
  const torrents = await Promise.all(communityIds.map((communityId) => leaveAnnounced(context, communityId)))
  for (const { communityId, infoHash } of torrents)
    await context.bus.publish({
      id: eventId('MagnetLinkDispatched', communityId, 1),
      name: 'MagnetLinkDispatched',
      communityId,
      payload: { infoHash, magnetLink: '', clockMilliseconds: 1, chatIds: [] },
    })
  await Promise.all([a, b].map((node) => node.start(prober)))
  for (const communityId of communityIds) await waitForEvent(context, communityId, 'ArchivesReachable')
  const [lost] = torrents
  await context.torrents.unseed(lost!.communityId, lost!.infoHash)
  await waitForEvent(context, lost!.communityId, 'ArchivesUnreachable')
  const said = async (communityId: string): Promise<string[]> =>
    (await log(context, communityId)).flatMap((id) => (id.startsWith('Archives') ? [id.split('/')[0]!] : []))
  expect(await said(lost!.communityId)).toStrictEqual(['ArchivesReachable', 'ArchivesUnreachable'])
  expect(await said(torrents[1]!.communityId)).toStrictEqual(['ArchivesReachable'])
}, 60_000)
