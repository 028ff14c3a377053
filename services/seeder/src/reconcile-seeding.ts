import type { ServiceContext, Share } from '@annals/service'
import type { Catalogue, Collection, CommunityDocument, Seeding, Versioned } from '@annals/storage'
import { eventId } from '@annals/events'
import { holdTorrent } from '@annals/service'
import { VersionConflictError, catalogues, seedings } from '@annals/storage'
import { handOver } from './hand-over.ts'
import { noteServing } from './note-serving.ts'
import { unseedOthers } from './unseed-others.ts'

type Torrent = NonNullable<Catalogue['torrent']>

/** How often it is begun anew when others who serve the community write its row in between. */
const maxConflicts = 20

/**
 * Makes what this process serves of a community what it should be: its catalogue's torrent while it is joined and
 * archiving is on and the community is one of this seeder's, else nothing. Looks at how things are, not at what an event
 * said, so any event, in any order, any number of times, comes to the same. The old torrent is served until the new one
 * is, and so also while the new one cannot be brought into the folder.
 *
 * What the installation seeds stands in one row. Of several seeders of a community the first that serves the new torrent
 * changes it; each of them sees to it that what follows from the row is in the log.
 * @returns false where a community that is another's now is served on until those serve it: to be looked at again
 */
export async function reconcileSeeding(context: ServiceContext, communityId: string, share?: Share): Promise<boolean> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await reconcile(context, communityId, share)
    } catch (error) {
      if (!(error instanceof VersionConflictError) || conflicts === maxConflicts) throw error
    }
  }
}

async function reconcile(context: ServiceContext, communityId: string, share: Share | undefined): Promise<boolean> {
  const rows = context.state.collection(seedings)
  // Read first: what follows is at least as new, so that nobody goes back to what another has left behind.
  let row = await rows.get(communityId)
  const community = await context.registry.get(communityId)
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  const wanted = community?.joined === true && community.archivingOn ? catalogue?.torrent : undefined
  if (share !== undefined && !share.isMine(communityId))
    return handOver(context, communityId, wanted?.infoHash, share.owners(communityId))

  // What was cut off is gone on with below, in its order. Something else is wanted by now: then it is brought to its end.
  if (row?.value.current?.infoHash !== wanted?.infoHash) row = await finishEnding(context, rows, communityId, row)
  const before = row?.value.current
  if (wanted !== undefined && catalogue !== undefined) {
    if (before !== undefined && before.infoHash !== wanted.infoHash) await seedIfHeld(context, communityId, before)
    await holdTorrent(context, communityId, catalogue, wanted)
    await context.torrents.seed(communityId, wanted.infoHash)
  }
  await noteServing(context, communityId, wanted?.infoHash, share)
  if (before?.infoHash !== wanted?.infoHash) {
    const ending = before && { infoHash: before.infoHash, reason: wanted ? 'replaced' : reasonToEnd(community) }
    const current = wanted && { infoHash: wanted.infoHash, generation: catalogue?.generation ?? 0 }
    const starts = (row?.value.starts ?? 0) + (current ? 1 : 0)
    const { current: _, ending: __, ...kept } = row?.value ?? {}
    const next = { ...kept, ...(current && { current }), ...(ending && { ending }), starts }
    row = await rows.put(communityId, next, row?.version ?? 0)
  }
  if (wanted !== undefined && row?.value.current !== undefined)
    await publishStarted(context, communityId, wanted, catalogue, row.value)
  await finishEnding(context, rows, communityId, row)
  await unseedOthers(context, communityId, wanted?.infoHash)
  return true
}

/** After a restart nothing is served: the old torrent is, before the new one is made, which may take long. */
async function seedIfHeld(
  context: ServiceContext,
  communityId: string,
  { infoHash }: { readonly infoHash: string },
): Promise<void> {
  if (await context.torrents.holds(communityId, infoHash)) await context.torrents.seed(communityId, infoHash)
}

function reasonToEnd(community: CommunityDocument | undefined): string {
  return community?.joined === true ? 'archiving is off' : 'the community was left'
}

async function publishStarted(
  context: ServiceContext,
  communityId: string,
  { infoHash, magnetLink, indexBytes, traceparent }: Torrent,
  catalogue: Catalogue | undefined,
  seeding: Seeding,
): Promise<void> {
  const dataBytes = catalogue?.archives.reduce((sum, archive) => sum + archive.sizeBytes, 0) ?? 0
  const { bus, tracing } = context
  // Begun by no event, as after a restart, it goes on with the trace in which the torrent was made.
  await tracing.continue(tracing.traceparent ?? traceparent, () =>
    bus.publish(
      {
        id: eventId('SeedingStarted', communityId, infoHash, seeding.starts),
        name: 'SeedingStarted',
        communityId,
        payload: {
          infoHash,
          magnetLink,
          generation: seeding.current?.generation ?? 0,
          sizeBytes: dataBytes + indexBytes,
        },
      },
      { source: 'seeder' },
    ),
  )
}

async function finishEnding(
  context: ServiceContext,
  rows: Collection<Seeding>,
  communityId: string,
  row: Versioned<Seeding> | undefined,
): Promise<Versioned<Seeding> | undefined> {
  if (row?.value.ending === undefined) return row
  const { infoHash, reason } = row.value.ending
  await context.torrents.unseed(communityId, infoHash)
  await context.bus.publish(
    {
      id: eventId('Unseeded', communityId, infoHash, row.value.starts),
      name: 'Unseeded',
      communityId,
      payload: { infoHash, reason },
    },
    { source: 'seeder' },
  )
  const { ending: _, ...rest } = row.value
  return rows.put(communityId, rest, row.version)
}
