import type { SeedRequest, SeedResponse } from '@annals/proto/api/v1'
import { AlreadyLeftError } from '@annals/community'
import { catalogues, readBlob } from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import { ArchivingOffError, NothingToSeedError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'

/** Serves what the catalogue holds, out of the blobs where the torrent node's folder lacks it. */
export async function seedArchives(context: CallContext, request: SeedRequest): Promise<SeedResponse> {
  const { communityId, joined, archivingOn } = await knownCommunity(context, request.communityId)
  if (!joined) throw new AlreadyLeftError(communityId)
  if (!archivingOn) throw new ArchivingOffError(communityId)
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
  if (catalogue?.torrent === undefined) throw new NothingToSeedError(communityId)
  const { infoHash, magnetLink, trackers, infoBlob, indexBlob, indexBytes } = catalogue.torrent
  const restored = !(await context.torrents.holds(communityId, infoHash))
  if (restored) {
    const infoBytes = await readBlob(context.blobs, infoBlob)
    const archives = catalogue.archives.map(({ offsetBytes, sizeBytes, blob }) => ({
      offsetBytes,
      sizeBytes,
      read: () => context.blobs.read(blob),
    }))
    const index = await readBlob(context.blobs, indexBlob)
    await context.torrents.store({ communityId, infoHash, infoBytes, trackers }, archives, index)
  }
  await context.torrents.seed(communityId, infoHash)
  const dataBytes = catalogue.archives.reduce((sum, archive) => sum + archive.sizeBytes, 0)
  return { infoHash, magnetLink, sizeBytes: dataBytes + indexBytes, restored }
}
