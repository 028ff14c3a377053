import type { ServiceContext } from '@annals/service'
import { catalogues, downloads, seedings } from '@annals/storage'

/**
 * Lets the torrent node forget a torrent that was wanted and that a newer announcement took the place of. One that is
 * wanted after all, in the catalogue, or seeded stays.
 */
export async function forgetAbandoned(context: ServiceContext, communityId: string, infoHash: string): Promise<void> {
  const { state, torrents } = context
  const download = (await state.collection(downloads).get(communityId))?.value
  const catalogue = (await state.collection(catalogues).get(communityId))?.value
  const seeding = (await state.collection(seedings).get(communityId))?.value
  const inUse = [
    download?.wanted?.infoHash,
    download?.done?.infoHash,
    catalogue?.torrent?.infoHash,
    seeding?.current?.infoHash,
  ]
  if (!inUse.includes(infoHash)) await torrents.unseed(communityId, infoHash)
}
