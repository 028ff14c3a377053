import { decideReach, isUnreachable } from '@annals/community'
import type { ServiceContext } from '@annals/service'
import { isAnnounced, systemClock } from '@annals/service'
import type { Dispatch, FetchProbe, Versioned } from '@annals/storage'
import {
  VersionConflictError,
  catalogues,
  dataLengthBytes,
  dispatches,
  fetchProbes,
  putUnlessChanged,
} from '@annals/storage'
import type { DataRange, Stranger, StrangerReport } from '@annals/torrents'
import { sayReach } from './say-reach.ts'

/** Longer than it takes to tell the log, and soon enough for another process to do so where this one dies before. */
const sayingSeconds = 60

/**
 * Looks whether a stranger can fetch a community's newest archive, and says so where that was not known.
 *
 * What is to be said is in the row before it is said, with all that the event has: a crash after that leads to the same event. It is said
 * again before each look, so that a log that lost its end has it again, and so that nothing else can be said before it.
 * @param row claimed; its claim is ended
 * @throws what the engines and the stranger throw; the row is as it was then, or what it says is said by whoever looks next
 */
export async function probeArchives(
  context: ServiceContext,
  stranger: Stranger,
  row: Versioned<FetchProbe>,
  signal: AbortSignal,
): Promise<void> {
  const { id: communityId, value } = row
  if (value.said !== undefined) await sayReach(context, communityId, value.said)
  const target = await findTarget(context, row)
  if (target === undefined) return
  const { infoHash, traceparent } = target.dispatch
  await context.tracing.span(
    {
      name: 'fetch as a stranger',
      parent: { traceparent: undefined },
      links: [traceparent],
      attributes: { 'annals.community.id': communityId, 'annals.torrent.infohash': infoHash },
    },
    async () => {
      const report = await look(stranger, communityId, target, signal)
      // Told to stop: somebody else goes on with it.
      if (report === undefined) await settle(context, row, value)
      else await conclude(context, row, report)
    },
  )
}

interface Target {
  readonly dispatch: Dispatch
  readonly samples: readonly DataRange[]
}

/** `undefined` where there is nothing to look for now; the row was settled then. */
async function findTarget(context: ServiceContext, row: Versioned<FetchProbe>): Promise<Target | undefined> {
  const { id: communityId, value } = row
  const community = await context.registry.get(communityId)
  const dispatch = (await context.state.collection(dispatches).get(communityId))?.value
  if (!isAnnounced(community) || dispatch === undefined) {
    // Whatever announces it again has it looked for again; until then nobody knows.
    const { dueAt: _, ...rest } = withoutFindings(value)
    await settle(context, row, { ...rest, failures: 0 })
    return undefined
  }
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  const newest = catalogue?.archives.at(-1)
  if (newest === undefined || catalogue?.torrent?.infoHash !== dispatch.infoHash || dispatch.message === '') {
    // Something newer is about to be announced, and takes the place of what is seeded.
    await settle(context, row, laterOn(context, value))
    return undefined
  }
  const { offsetBytes, sizeBytes } = newest
  const all = { offsetBytes: 0, sizeBytes: dataLengthBytes(catalogue.archives) }
  return { dispatch, samples: [{ offsetBytes, sizeBytes }, all] }
}

/** What stays whatever a look comes to. */
function withoutFindings({
  fetchedAt: _fetchedAt,
  failedSince: _failedSince,
  failure: _failure,
  webSeed: _webSeed,
  ...rest
}: FetchProbe): FetchProbe {
  return rest
}

function laterOn({ config }: ServiceContext, value: FetchProbe): FetchProbe {
  return { ...value, dueAt: systemClock.nowSeconds() + config.fetchProbeSeconds }
}

async function look(
  stranger: Stranger,
  communityId: string,
  { dispatch, samples }: Target,
  signal: AbortSignal,
): Promise<StrangerReport | undefined> {
  try {
    return await stranger.look({ communityId, magnetLink: dispatch.magnetLink, samples, signal })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

async function conclude(context: ServiceContext, row: Versioned<FetchProbe>, report: StrangerReport): Promise<void> {
  const { id: communityId, value } = row
  const { infoHash, failure } = report
  const newest = (await context.state.collection(catalogues).get(communityId))?.value.torrent?.infoHash
  if (newest !== infoHash) {
    // What was looked for was replaced meanwhile, and is seeded no longer.
    await settle(context, row, laterOn(context, value))
    return
  }
  count(context, report)
  const beat = { beatSeconds: context.config.fetchProbeSeconds, chance: Math.random() }
  const now = systemClock.nowSeconds()
  const { reach, news, inSeconds } = decideReach(value, { infoHash, failure }, now, beat)
  const webSeed = webSeedOf(report)
  const known: FetchProbe = {
    ...withoutFindings(value),
    infoHash,
    ...reach,
    ...(webSeed && { webSeed }),
    dueAt: now + inSeconds,
  }
  tell(context, communityId, report, { before: value, after: known })
  if (!news) {
    await settle(context, row, known)
    return
  }
  const { peers, downloadedBytes, milliseconds } = report
  const saying = {
    infoHash,
    number: (value.said?.number ?? 0) + 1,
    reachable: failure === undefined,
    failure: failure ?? '',
    since: reach.failedSince ?? now,
    peers,
    downloadedBytes,
    milliseconds,
    ...(webSeed && { webSeed: webSeed.failure === '' }),
  }
  const intended = await write(context, row, { ...known, said: saying, dueAt: now + sayingSeconds })
  if (intended === undefined) return
  await sayReach(context, communityId, saying)
  await settle(context, intended, { ...intended.value, dueAt: systemClock.nowSeconds() + inSeconds })
}

/** One that gives everything is enough; else how the last of them failed. */
function webSeedOf({ webSeeds }: StrangerReport): FetchProbe['webSeed'] {
  if (webSeeds.length === 0) return undefined
  const isGood = webSeeds.some(({ failure }) => failure === undefined)
  return { failure: isGood ? '' : (webSeeds.at(-1)?.failure ?? '') }
}

function count({ metrics }: ServiceContext, { failure, milliseconds, webSeeds }: StrangerReport): void {
  metrics.record('reachProbes', milliseconds / 1000, { 'annals.reach.outcome': failure ?? 'reachable' })
  for (const seed of webSeeds) metrics.add('webSeedProbes', 1, { 'annals.reach.outcome': seed.failure ?? 'reachable' })
}

function tell(
  { log }: ServiceContext,
  communityId: string,
  { infoHash, failure, detail, peers, webSeeds }: StrangerReport,
  { before, after }: { readonly before: FetchProbe; readonly after: FetchProbe },
): void {
  const said = { communityId, infoHash, failure, detail, peers, failures: after.failures, since: after.failedSince }
  if (failure === undefined && isUnreachable(before))
    log.info({ communityId, infoHash, since: before.failedSince }, 'strangers can fetch the newest archive again')
  else if (isUnreachable(after)) log.warn(said, 'strangers cannot fetch the newest archive')
  else if (failure !== undefined) log.info(said, 'a look as a stranger failed; it is made again soon')
  for (const seed of webSeeds)
    if (seed.failure !== undefined)
      log.warn({ communityId, infoHash, ...seed }, 'a web seed does not give the newest archive')
}

/** `undefined` where somebody wrote or claimed the row meanwhile: what was found may be of an older torrent, and is looked for again. */
async function write(
  context: ServiceContext,
  { id, version }: Versioned<FetchProbe>,
  value: FetchProbe,
): Promise<Versioned<FetchProbe> | undefined> {
  try {
    return await context.state.collection(fetchProbes).put(id, value, version)
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error
    return undefined
  }
}

async function settle(context: ServiceContext, row: Versioned<FetchProbe>, value: FetchProbe): Promise<void> {
  await putUnlessChanged(context.state.collection(fetchProbes), row, value)
}
