import type { ServiceContext } from '@annals/service'
import type { MadeTorrent } from '@annals/service/testing'
import { makeTorrent, messageOf, rawArchive } from '@annals/service/testing'
import { catalogues, dispatches, emptyCatalogue, toCatalogueArchive } from '@annals/storage'

/** What archiver, seeder and magnet-dispatcher leave behind for one archive: it is seeded, and its link names the seeder. */
export async function leaveAnnounced(
  context: ServiceContext,
  communityId: string,
  { from = 1_000, magnetLink }: { readonly from?: number; readonly magnetLink?: (seeded: string) => string } = {},
): Promise<MadeTorrent['torrent']> {
  const made = makeTorrent(communityId, [await rawArchive([messageOf(communityId, from + 1)], from)])
  const { torrent, entries, index } = made
  const { infoHash } = torrent
  const seeded = await made.serve(context.torrents)
  const link = magnetLink?.(seeded) ?? seeded
  const rows = context.state.collection(catalogues)
  const row = await rows.get(communityId)
  await rows.put(
    communityId,
    {
      ...emptyCatalogue,
      generation: (row?.value.generation ?? 0) + 1,
      archives: entries.map((entry) => toCatalogueArchive(entry, '', 1)),
      torrent: { infoHash, magnetLink: link, trackers: [], infoBlob: '', indexBlob: '', indexBytes: index.length },
    },
    row?.version ?? 0,
  )
  const announced = await context.state.collection(dispatches).get(communityId)
  const dispatch = { clockMilliseconds: from, infoHash, magnetLink: link, message: '0x00' }
  await context.state.collection(dispatches).put(communityId, dispatch, announced?.version ?? 0)
  return torrent
}
