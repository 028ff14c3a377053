import type { HealthFacts } from '@annals/community'
import { communityNeeds, compareByNeed, intervalsBehind, needReasons } from '@annals/community'
import type { CommunityHealth } from '@annals/proto/api/v1'
import type { Collection, CollectionDefinition, CommunityDocument, Dispatch } from '@annals/storage'
import { systemClock } from '@annals/service'
import {
  announcementProbes,
  communities,
  dispatches,
  downloads,
  fetchProbes,
  historyFindings,
  refusals,
  schedules,
  seedings,
  signatureRequests,
  waitingArchives,
} from '@annals/storage'
import { seedersByCommunity } from '../seeders.ts'
import { toArchiveProbe } from '../to-archive-probe.ts'
import type { GatewayContext } from '../server/gateway-context.ts'

type HealthContext = Pick<GatewayContext, 'state' | 'bus' | 'torrents' | 'shared' | 'clock' | 'config' | 'registry'>

export interface HealthRow {
  readonly health: CommunityHealth
  /** Of the catalogue that is seeded; absent where nothing is. */
  readonly generation: number | undefined
}

/** So often others get their turn while many rows are looked through. */
const rowsPerTurn = 500

/**
 * How communities are, the ones first that need somebody most: each collection is read once, however many communities there are.
 * @param only a community's id; all where absent
 */
export async function collectHealth(context: HealthContext, only?: string): Promise<HealthRow[]> {
  const documents = await rowsOf(context.state.collection(communities), only)
  const findings = await collectFindings(context, only)
  const rows: HealthRow[] = []
  for (const [at, document] of [...documents.values()].entries()) {
    const generation = findings.seedings.get(document.communityId)?.current?.generation
    rows.push({ health: healthOf(context, document, findings), generation })
    if (at % rowsPerTurn === rowsPerTurn - 1) await turn()
  }
  return rows.sort(compareByNeedReason)
}

/** The reasons of rows are those that were put into them. */
function compareByNeedReason({ health: a }: HealthRow, { health: b }: HealthRow): number {
  return compareByNeed(a as Parameters<typeof compareByNeed>[0], b as Parameters<typeof compareByNeed>[0])
}

type Findings = Awaited<ReturnType<typeof collectFindings>>

async function collectFindings(context: HealthContext, only: string | undefined) {
  const { state } = context
  const read = <T>(definition: CollectionDefinition<T>): Promise<Map<string, T>> =>
    rowsOf(state.collection(definition), only)
  return {
    schedules: await read(schedules),
    dispatches: await read(dispatches),
    probes: await read(announcementProbes),
    fetchProbes: await read(fetchProbes),
    downloads: await read(downloads),
    seedings: await read(seedings),
    stores: await read(historyFindings),
    seeders: await countSeeders(context, only),
    waiting: await countWaiting(context, only),
    forged: await forgedAnnouncements(context, only),
    asked: await askedSignatures(context),
    deadLetters: await countDeadLetters(context),
  }
}

function healthOf(context: HealthContext, document: CommunityDocument, found: Findings): CommunityHealth {
  const { communityId, name, controlNode, joined, archivingOn, public: isPublic } = document
  const schedule = found.schedules.get(communityId)
  const dispatch = found.dispatches.get(communityId)
  const download = found.downloads.get(communityId)
  const probe = found.probes.get(communityId)
  const behind =
    schedule && intervalsBehind(schedule.schedule, context.clock.nowSeconds(), context.config.intervalSeconds)
  const isAtWork = joined && archivingOn
  const current = isAtWork ? found.seedings.get(communityId)?.current : undefined
  const seeders = current === undefined ? 0 : (found.seeders.get(`${communityId}/${current.infoHash}`) ?? 0)
  const announced = controlNode ? signedOf(dispatch) : (download?.wanted ?? download?.done)
  const isProbed =
    probe !== undefined && [probe.foundAt, probe.missingSince, probe.unknownSince].some((at) => at !== undefined)
  const health: Omit<CommunityHealth, 'needs'> = {
    communityId,
    name,
    controlNode,
    joined,
    archivingOn,
    public: isPublic,
    sealedThrough: schedule?.schedule.lastArchivedEnd,
    nextDue: schedule?.dueAt === 0 ? context.clock.nowSeconds() : schedule?.dueAt,
    intervalsBehind: behind,
    seeders,
    announcedInfoHash: announced?.infoHash ?? '',
    announcedAt: announced && Math.floor(announced.clockMilliseconds / 1000),
    probe: isProbed
      ? {
          infoHash: probe.infoHash,
          foundAt: probe.foundAt,
          missingSince: probe.missingSince,
          unknownSince: probe.unknownSince,
          repetitions: probe.repetitions,
        }
      : undefined,
    archiveProbe: toArchiveProbe(context.config, found.fetchProbes.get(communityId)),
  }
  // Nothing is missing in a community that nobody here keeps any more.
  const needs = joined
    ? communityNeeds(factsOf(context, health, current?.infoHash, found), systemClock.nowSeconds())
    : []
  return { ...health, needs: needs.map(({ reason, since, detail }) => ({ reason, since, detail })) }
}

/** One that waits for its signature did not go out. */
function signedOf(dispatch: Dispatch | undefined): Dispatch | undefined {
  return dispatch === undefined || dispatch.message === '' ? undefined : dispatch
}

function factsOf(
  { config }: HealthContext,
  health: Omit<CommunityHealth, 'needs'>,
  servedInfoHash: string | undefined,
  found: Findings,
): HealthFacts {
  const { communityId, controlNode, archivingOn, intervalsBehind: intervals = 0, seeders } = health
  const schedule = found.schedules.get(communityId)?.schedule
  const start = schedule?.lastArchivedEnd ?? schedule?.oldestMessage ?? 0
  const download = archivingOn ? found.downloads.get(communityId) : undefined
  const wanted = download?.wanted
  return {
    signatureAskedAt: found.asked.get(communityId),
    probe: archivingOn ? health.probe : undefined,
    reach: archivingOn && controlNode ? health.archiveProbe : undefined,
    seeding: servedInfoHash === undefined ? undefined : { infoHash: servedInfoHash, seeders },
    behind: { intervals, since: start + config.intervalSeconds },
    download: download && {
      tries: wanted === undefined ? 0 : download.tries,
      lastError: download.lastError ?? '',
      waitsForKey: wanted !== undefined && download.waitsForKey !== undefined,
    },
    archivesWaiting: found.waiting.get(communityId) ?? 0,
    deadLetters: found.deadLetters.get(communityId),
    stores: archivingOn ? (found.stores.get(communityId)?.stores ?? []) : [],
    forged: found.forged.get(communityId),
  }
}

async function rowsOf<T>(collection: Collection<T>, only: string | undefined): Promise<Map<string, T>> {
  const rows = new Map<string, T>()
  if (only !== undefined) {
    const row = await collection.get(only)
    return row === undefined ? rows : rows.set(only, row.value)
  }
  for await (const { id, value } of collection.list()) {
    rows.set(id, value)
    if (rows.size % rowsPerTurn === 0) await turn()
  }
  return rows
}

/** How many serve a torrent, by community and info hash. */
async function countSeeders(context: HealthContext, only: string | undefined): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const add = (communityId: string, infoHash: string): void => {
    const key = `${communityId}/${infoHash}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  if (!context.shared) for (const { communityId, infoHash } of context.torrents.seeding()) add(communityId, infoHash)
  else
    for (const [communityId, seeders] of await seedersByCommunity(context, only === undefined ? '' : `${only}/`))
      for (const { infoHash } of seeders) add(communityId, infoHash)
  return counts
}

async function countWaiting({ state }: HealthContext, only: string | undefined): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const { id } of state.collection(waitingArchives).list(prefixOf(only))) {
    const [communityId = ''] = id.split('/')
    counts.set(communityId, (counts.get(communityId) ?? 0) + 1)
  }
  return counts
}

async function forgedAnnouncements(
  { state }: HealthContext,
  only: string | undefined,
): Promise<Map<string, { count: number; lastAt: number }>> {
  const forged = new Map<string, { count: number; lastAt: number }>()
  for await (const { id, value } of state.collection(refusals).list(prefixOf(only))) {
    const [communityId = '', what] = id.split('/')
    const wrongSigner = value.reasons['wrong-signer']
    if (what === 'announcement' && wrongSigner !== undefined) forged.set(communityId, wrongSigner)
  }
  return forged
}

/** Since when the owner is asked, by community. */
async function askedSignatures({ state }: HealthContext): Promise<Map<string, number>> {
  const asked = new Map<string, number>()
  for await (const { value } of state.collection(signatureRequests).list())
    asked.set(value.communityId, Math.min(asked.get(value.communityId) ?? Infinity, value.askedAt))
  return asked
}

async function countDeadLetters({ bus }: HealthContext): Promise<Map<string, { count: number; since: number }>> {
  const counts = new Map<string, { count: number; since: number }>()
  if ((await bus.deadLetters.count()) === 0) return counts
  for await (const { event, timeMilliseconds } of bus.deadLetters.list()) {
    const { count, since } = counts.get(event.communityId) ?? { count: 0, since: Infinity }
    const at = Math.floor(timeMilliseconds / 1000)
    counts.set(event.communityId, { count: count + 1, since: Math.min(since, at) })
  }
  return counts
}

function prefixOf(only: string | undefined): { prefix?: string } {
  return only === undefined ? {} : { prefix: `${only}/` }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** How many communities need somebody, by reason; every reason is there. */
export function countNeeds(rows: readonly HealthRow[]): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(needReasons.map((reason) => [reason, 0]))
  for (const { health } of rows) for (const { reason } of health.needs) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}
