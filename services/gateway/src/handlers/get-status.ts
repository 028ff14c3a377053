import type {
  AnnouncementProbe,
  CommunityStatus,
  DownloadStatus,
  GetStatusRequest,
  GetStatusResponse,
  Refusals,
  Seeder,
} from '@annals/proto/api/v1'
import type { CommunityDocument, Download } from '@annals/storage'
import type { SeededTorrent } from '@annals/torrents'
import { wantedKeyText } from '@annals/keys'
import {
  announcementProbes,
  catalogues,
  downloadProgress,
  downloads,
  fetchProbes,
  refusals,
  schedules,
  waitingArchives,
} from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'
import { seedersByCommunity } from '../seeders.ts'
import { toApiCommunity } from '../to-api.ts'
import { toArchiveProbe } from '../to-archive-probe.ts'

export async function getStatus(context: CallContext, request: GetStatusRequest): Promise<GetStatusResponse> {
  const communities: CommunityStatus[] = []
  const seeding = Map.groupBy(context.torrents.seeding(), (each) => each.communityId)
  const seeders = await sharedSeeders(context, request.communityId)
  const add = async (community: CommunityDocument): Promise<void> => {
    const { communityId } = community
    communities.push(
      await communityStatus(context, community, seeding.get(communityId) ?? [], seeders.get(communityId) ?? []),
    )
  }
  if (request.communityId !== '') await add(await knownCommunity(context, request.communityId))
  else if (request.withoutCommunities !== true)
    for await (const community of context.registry.list()) await add(community)
  const { host, port } = context.torrents.address
  return {
    version: context.version,
    uptimeSeconds: Math.floor((Date.now() - context.startedAtMilliseconds) / 1000),
    now: context.clock.nowSeconds(),
    torrentHost: host,
    torrentPort: port,
    lastSequence: await context.bus.lastSequence(),
    communities,
    httpAddress: context.httpAddress(),
  }
}

async function sharedSeeders(context: CallContext, communityId: string): Promise<Map<string, Seeder[]>> {
  return context.shared ? seedersByCommunity(context, communityId === '' ? '' : `${communityId}/`) : new Map()
}

async function communityStatus(
  context: CallContext,
  community: CommunityDocument,
  seeded: readonly SeededTorrent[],
  seeders: readonly Seeder[],
): Promise<CommunityStatus> {
  const { communityId } = community
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  const summary = await context.messages.summary(communityId)
  const wanted = catalogue?.torrent?.infoHash
  const newest = seeded.find((each) => each.infoHash === wanted) ?? seeded[0]
  const elsewhere = seeders.find((each) => each.infoHash === wanted) ?? seeders[0]
  return {
    community: toApiCommunity(community),
    messages: summary.messages,
    pendingMessages: summary.pending,
    oldestMessage: summary.oldest,
    newestMessage: summary.newest,
    archives: catalogue?.archives.length ?? 0,
    archiveBytes: catalogue?.archives.reduce((sum, archive) => sum + archive.sizeBytes, 0) ?? 0,
    lastArchivedEnd: catalogue?.lastArchivedEnd,
    nextDue: await nextDue(context, communityId),
    seedingInfoHash: newest?.infoHash ?? elsewhere?.infoHash ?? '',
    seeders: [...seeders],
    magnetLink: catalogue?.torrent?.magnetLink ?? '',
    peers: [...(newest ? [newest] : []), ...seeders].reduce((most, { peers }) => Math.max(most, peers), 0),
    uploadedBytes: [...seeded, ...seeders].reduce((sum, each) => sum + each.uploadedBytes, 0),
    download: await downloadStatus(context, communityId),
    refusals: await refusalsOf(context, communityId),
    probe: await probeOf(context, communityId),
    archiveProbe: toArchiveProbe(context.config, (await context.state.collection(fetchProbes).get(communityId))?.value),
  }
}

/** As the scheduler has planned it; what it has decided and not published yet is due now. */
async function nextDue(context: CallContext, communityId: string): Promise<number | undefined> {
  const row = (await context.state.collection(schedules).get(communityId))?.value
  return row?.dueAt === 0 ? context.clock.nowSeconds() : row?.dueAt
}

async function downloadStatus(context: CallContext, communityId: string): Promise<DownloadStatus | undefined> {
  const download: Download | undefined = (await context.state.collection(downloads).get(communityId))?.value
  if (download === undefined) return undefined
  const { wanted, done, tries, lastError, dueAt, waitsForKey } = download
  let archivesWaiting = 0
  for await (const _ of context.state.collection(waitingArchives).list({ prefix: `${communityId}/` }))
    archivesWaiting += 1
  const progress = wanted && (await context.state.collection(downloadProgress).get(communityId))?.value
  return {
    wantedInfoHash: wanted?.infoHash ?? '',
    tries,
    lastError: lastError ?? '',
    nextTry: dueAt,
    archivesImported: progress?.infoHash === wanted?.infoHash ? Object.keys(progress?.imported ?? {}).length : 0,
    doneInfoHash: done?.infoHash ?? '',
    indexWaitsForKey: waitsForKey === undefined ? '' : wantedKeyText(waitsForKey),
    archivesWaiting,
  }
}

async function probeOf(context: CallContext, communityId: string): Promise<AnnouncementProbe | undefined> {
  const probe = (await context.state.collection(announcementProbes).get(communityId))?.value
  if (probe === undefined) return undefined
  const { infoHash, foundAt, missingSince, unknownSince, repetitions } = probe
  if (foundAt === undefined && missingSince === undefined && unknownSince === undefined) return undefined
  return { infoHash, foundAt, missingSince, unknownSince, repetitions }
}

/** By what it was taken for, then by reason. */
async function refusalsOf(context: CallContext, communityId: string): Promise<Refusals[]> {
  const all: Refusals[] = []
  const prefix = `${communityId}/`
  for await (const { id, value } of context.state.collection(refusals).list({ prefix }))
    for (const [reason, { count, lastAt }] of Object.entries(value.reasons).sort(([a], [b]) => (a < b ? -1 : 1)))
      all.push({ what: id.slice(prefix.length), reason, count, lastAt })
  return all
}
