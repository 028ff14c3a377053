import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { readBlob } from '@annals/storage'

/** Sees to it that this node's folder holds the torrent. Blobs are read only for what the folder lacks. */
export async function holdTorrent(
  context: ServiceContext,
  communityId: string,
  catalogue: Catalogue,
  torrent: NonNullable<Catalogue['torrent']>,
): Promise<void> {
  if (await context.torrents.holds(communityId, torrent.infoHash)) return
  const { infoHash, trackers } = torrent
  const infoBytes = await readBlob(context.blobs, torrent.infoBlob)
  const index = await readBlob(context.blobs, torrent.indexBlob)
  const archives = [...catalogue.archives, ...(catalogue.fillers ?? [])]
    .toSorted((a, b) => a.offsetBytes - b.offsetBytes)
    .map(({ offsetBytes, sizeBytes, blob }) => ({ offsetBytes, sizeBytes, read: () => context.blobs.read(blob) }))
  await context.torrents.store({ communityId, infoHash, infoBytes, trackers }, archives, index)
}
