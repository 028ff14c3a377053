import type { SeedRequest, SeedResponse } from '@annals/proto/api/v1'
import { AlreadyLeftError } from '@annals/community'
import { holdTorrent, pause } from '@annals/service'
import { catalogues } from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import { ArchivingOffError, NothingToSeedError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'
import { seedersOf } from '../seeders.ts'

/** Seeders in processes of their own are asked again and again whether they are done. */
const pollMilliseconds = 250

/**
 * Serves what the catalogue holds, out of the blobs where the torrent node's folder lacks it. Seeders in processes of
 * their own see to that by themselves: then it is waited for.
 */
export async function seedArchives(context: CallContext, request: SeedRequest): Promise<SeedResponse> {
  const { communityId, joined, archivingOn } = await knownCommunity(context, request.communityId)
  if (!joined) throw new AlreadyLeftError(communityId)
  if (!archivingOn) throw new ArchivingOffError(communityId)
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  if (catalogue?.torrent === undefined) throw new NothingToSeedError(communityId)
  const { infoHash, magnetLink, indexBytes } = catalogue.torrent
  let restored = false
  if (context.shared) await untilServed(context, communityId, infoHash)
  else {
    restored = await holdTorrent(context, communityId, catalogue, catalogue.torrent)
    await context.torrents.seed(communityId, infoHash)
  }
  const dataBytes = catalogue.archives.reduce((sum, archive) => sum + archive.sizeBytes, 0)
  return { infoHash, magnetLink, sizeBytes: dataBytes + indexBytes, restored }
}

/** Until a seeder serves it, or the caller's time is up. */
async function untilServed(context: CallContext, communityId: string, infoHash: string): Promise<void> {
  while (!(await seedersOf(context, communityId)).some((seeder) => seeder.infoHash === infoHash)) {
    await pause(pollMilliseconds, context.signal)
    context.signal.throwIfAborted()
  }
}
