import type { AnnouncementProbe, ArchiveProbe, CommunityStatus, GetStatusResponse } from '@annals/proto/api/v1'
import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { bytesText, durationText, timeText } from '../output/format.ts'
import { fields } from '../output/table.ts'
import { answer } from '../output/write.ts'

export const registerStatus: Register = (program, run) => {
  program
    .command('status')
    .description('what the node and its communities are doing')
    .option('--community <id>', 'only this community', '')
    .addHelpText('after', '\nExamples:\n  annals status\n  annals status --json')
    .action(run(showStatus))
}

async function showStatus(cli: Cli, { community }: { community: string }): Promise<void> {
  using client = connect(cli)
  const status = await call(client, client.api.getStatus, { communityId: community })
  await answer(cli, status, () => [nodeText(status), ...status.communities.map(communityText)].join('\n'))
}

function nodeText({
  version,
  uptimeSeconds,
  now,
  torrentHost,
  torrentPort,
  lastSequence,
  communities,
}: GetStatusResponse): string {
  return fields([
    ['version', version],
    ['up for', durationText(uptimeSeconds)],
    ['clock', timeText(now)],
    ...(torrentHost === '' ? [] : [['torrents at', `${torrentHost}:${torrentPort}`] as const]),
    ['events', lastSequence],
    ['communities', communities.length],
  ])
}

function communityText(status: CommunityStatus): string {
  const { community, download } = status
  const role = community?.controlNode === true ? 'control node' : 'member'
  const state = community?.joined === true ? (community.archivingOn ? 'archiving on' : 'archiving off') : 'left'
  const lines: [string, string | number][] = [
    ['community', `${community?.name ?? ''} (${role}, ${state}, ${community?.chats.length ?? 0} chats)`],
    ['id', community?.communityId ?? ''],
    ['messages', `${status.messages}, ${status.pendingMessages} of them in no archive yet`],
    ['from, to', `${timeText(status.oldestMessage)}, ${timeText(status.newestMessage)}`],
    ['archives', `${status.archives} (${bytesText(status.archiveBytes)}), up to ${timeText(status.lastArchivedEnd)}`],
    ['next archive', timeText(status.nextDue)],
    ['seeding', status.seedingInfoHash === '' ? 'nothing' : `${status.seedingInfoHash}, ${seedersText(status)}`],
  ]
  if (status.magnetLink !== '') lines.push(['magnet link', status.magnetLink])
  if (status.probe !== undefined) lines.push(['announcement', probeText(status.probe)])
  if (status.archiveProbe !== undefined) lines.push(['strangers', archiveProbeText(status.archiveProbe)])
  if (download !== undefined) lines.push(['download', downloadText(download)])
  for (const { what, reason, count, lastAt } of status.refusals)
    lines.push(['refused', `${count} × ${what}, ${reason}, last at ${timeText(lastAt)}`])
  return fields(lines)
}

function seedersText({ seeders, peers, uploadedBytes }: CommunityStatus): string {
  const swarm = `${peers} peers, ${bytesText(uploadedBytes)} sent`
  if (seeders.length === 0) return swarm
  return `by ${seeders.map(({ instance }) => instance).join(', ')}, ${swarm}`
}

function probeText({ foundAt, missingSince, unknownSince, repetitions }: AnnouncementProbe): string {
  const found = foundAt === undefined ? 'never found by who comes new' : `found last at ${timeText(foundAt)}`
  const missing =
    missingSince === undefined
      ? ''
      : `; missing since ${timeText(missingSince)}, published again ${repetitions} times since`
  return `${found}${missing}${unknownSince === undefined ? '' : `; nobody says since ${timeText(unknownSince)}`}`
}

function archiveProbeText(probe: ArchiveProbe): string {
  const { reachableAt, unreachableSince, failedLooks, failure, webSeed, webSeedFailure } = probe
  const came = reachableAt === undefined ? 'never got the newest archive' : `got it last at ${timeText(reachableAt)}`
  const failed = failedLooks === 1 ? `; one look failed: ${failure}` : ''
  const lost = unreachableSince === undefined ? failed : `; not since ${timeText(unreachableSince)}: ${failure}`
  const seed = webSeed === undefined ? '' : webSeed ? '; from the web seed, too' : `; web seed: ${webSeedFailure}`
  return `${came}${lost}${seed}`
}

function downloadText(download: NonNullable<CommunityStatus['download']>): string {
  const { wantedInfoHash, archivesImported, tries, lastError, nextTry, doneInfoHash, indexWaitsForKey } = download
  const waiting = download.archivesWaiting === 0 ? '' : `; ${download.archivesWaiting} archives wait for their keys`
  if (wantedInfoHash === '') return `${doneInfoHash === '' ? 'nothing wanted' : `done: ${doneInfoHash}`}${waiting}`
  if (indexWaitsForKey !== '') return `${wantedInfoHash}, its index waits for key ${indexWaitsForKey}${waiting}`
  const failed = tries === 0 ? '' : `; ${tries} failed tries, the last one: ${lastError}`
  const next = nextTry === undefined ? '; waiting for the next announcement' : ''
  return `${wantedInfoHash}, ${archivesImported} archives imported${waiting}${failed}${next}`
}
