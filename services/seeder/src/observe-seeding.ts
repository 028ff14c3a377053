import type { ServiceContext, Share } from '@annals/service'
import { seedings, servings } from '@annals/storage'
import type { Report } from '@annals/telemetry'
import { reportWorst } from '@annals/telemetry'

/** Tells what this process serves and to how many, and how many seeders serve each community. */
export function observeSeeding(context: ServiceContext, share: Share | undefined): Disposable {
  const uploads = new Uploads()
  return context.metrics.observe(async (report) => {
    tellOwn(context, report, uploads)
    await tellSeeders(context, report, share)
  })
}

function tellOwn({ torrents, metrics, config }: ServiceContext, report: Report, uploads: Uploads): void {
  const seeding = torrents.seeding()
  report('seededTorrents', seeding.length)
  const peers = new Map<string, number>()
  let uploadedBytes = 0
  for (const each of seeding) {
    peers.set(each.communityId, (peers.get(each.communityId) ?? 0) + each.peers)
    uploadedBytes += uploads.since(`${each.communityId}/${each.infoHash}`, each.uploadedBytes)
  }
  uploads.forgetOthers(seeding.map((each) => `${each.communityId}/${each.infoHash}`))
  metrics.add('uploadedBytes', uploadedBytes)
  reportWorst(report, 'swarmPeers', peers, { worst: 'most', limit: config.metricCommunities })
}

async function tellSeeders(context: ServiceContext, report: Report, share: Share | undefined): Promise<void> {
  const serving = await servingNow(context, share)
  const seeders = new Map<string, number>()
  for await (const { id, value } of context.state.collection(seedings).list()) {
    if (value.current !== undefined) seeders.set(id, serving.get(`${id}/${value.current.infoHash}`) ?? 0)
  }
  if (seeders.size > 0)
    report(
      'fewestSeeders',
      [...seeders.values()].reduce((least, each) => Math.min(least, each), Infinity),
    )
  reportWorst(report, 'seeders', seeders, { worst: 'least', limit: context.config.metricCommunities })
}

/** How many seeders that are at work serve a torrent, by community and info hash. */
async function servingNow(
  { state, torrents }: ServiceContext,
  share: Share | undefined,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  if (share === undefined) {
    for (const { communityId, infoHash } of torrents.seeding()) count(`${communityId}/${infoHash}`)
    return counts
  }
  for await (const { id, value } of state.collection(servings).list()) {
    const [communityId = '', instance = ''] = id.split('/')
    if (share.isMember(instance)) count(`${communityId}/${value.infoHash}`)
  }
  return counts
}

/** What was sent of each torrent since it was looked at last; its own count begins anew with the torrent. */
class Uploads {
  readonly #before = new Map<string, number>()

  since(key: string, bytes: number): number {
    const before = this.#before.get(key) ?? 0
    this.#before.set(key, bytes)
    return bytes < before ? bytes : bytes - before
  }

  forgetOthers(keys: readonly string[]): void {
    const kept = new Set(keys)
    for (const key of this.#before.keys()) if (!kept.has(key)) this.#before.delete(key)
  }
}
