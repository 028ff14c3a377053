import type { Catalogue } from '@annals/storage'
import { readBlob } from '@annals/storage'
import type { ServiceContext } from './service.ts'

/**
 * Sees to it that this process's folder holds the torrent. Blobs are read only for what the folder lacks.
 * @returns whether anything was lacking
 */
export async function holdTorrent(
  context: Pick<ServiceContext, 'torrents' | 'blobs'>,
  communityId: string,
  catalogue: Catalogue,
  torrent: NonNullable<Catalogue['torrent']>,
): Promise<boolean> {
  if (await context.torrents.holds(communityId, torrent.infoHash)) return false
  const { infoHash, trackers } = torrent
  const infoBytes = await readBlob(context.blobs, torrent.infoBlob)
  const index = await readBlob(context.blobs, torrent.indexBlob)
  const archives = [...catalogue.archives, ...(catalogue.fillers ?? [])]
    .toSorted((a, b) => a.offsetBytes - b.offsetBytes)
    .map(({ offsetBytes, sizeBytes, blob }) => ({ offsetBytes, sizeBytes, read: () => context.blobs.read(blob) }))
  await context.torrents.store({ communityId, infoHash, infoBytes, trackers }, archives, index)
  return true
}
