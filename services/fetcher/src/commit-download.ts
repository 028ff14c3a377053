import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue, CatalogueArchive, DownloadProgress } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { eventId } from '@annals/events'
import { updateDocument } from '@annals/service'
import { keepFillers } from './keep-fillers.ts'
import { catalogues, downloadProgress, emptyCatalogue, toCatalogueArchive } from '@annals/storage'

/** Takes a finished download into the catalogue and says so; the seeder takes over from there. */
export async function commitDownload(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  fetch: TorrentFetch,
  index: Uint8Array,
  entries: readonly ArchiveEntry[],
): Promise<void> {
  const progress = (await context.state.collection(downloadProgress).get(communityId))?.value
  const torrent = {
    infoHash: wanted.infoHash,
    magnetLink: wanted.magnetLink,
    trackers: [...fetch.trackers],
    infoBlob: (await context.blobs.put([fetch.infoBytes])).key,
    indexBlob: (await context.blobs.put([index])).key,
    indexBytes: index.length,
  }
  const fillers = await keepFillers(context, fetch, entries)
  const rows = context.state.collection(catalogues)
  const { value: catalogue } = await updateDocument(rows, communityId, (before) =>
    withDownload(before ?? emptyCatalogue, torrent, entries, progress, fillers),
  )
  const imported = Object.values(progress?.imported ?? {})
  const sum = (key: 'stored' | 'known' | 'setAside'): number => imported.reduce((total, each) => total + each[key], 0)
  const downloadedBytes = (progress?.downloadedBytes ?? 0) + fetch.downloadedBytes()
  const { infoHash, magnetLink, clockMilliseconds } = wanted
  const { generation } = catalogue
  await context.bus.publish(
    {
      // The generation: who goes back by hand to what was fetched before makes a new one under an old clock.
      id: eventId('ArchivesDownloaded', communityId, clockMilliseconds, infoHash, generation),
      name: 'ArchivesDownloaded',
      communityId,
      payload: {
        infoHash,
        magnetLink,
        generation,
        archivesFetched: imported.length,
        archivesTotal: catalogue.archives.length,
        downloadedBytes,
      },
    },
    { source: 'fetcher' },
  )
  await context.bus.publish(
    {
      id: eventId('DownloadFinished', communityId, clockMilliseconds, infoHash, generation),
      name: 'DownloadFinished',
      communityId,
      payload: {
        infoHash,
        archivesImported: imported.length,
        messagesImported: sum('stored'),
        messagesKnown: sum('known'),
        messagesSetAside: sum('setAside'),
        downloadedBytes,
      },
    },
    { source: 'fetcher' },
  )
}

function withDownload(
  before: Catalogue,
  torrent: NonNullable<Catalogue['torrent']>,
  entries: readonly ArchiveEntry[],
  progress: DownloadProgress | undefined,
  fillers: NonNullable<Catalogue['fillers']>,
): Catalogue {
  if (before.torrent?.infoHash === torrent.infoHash) return before
  const held = new Map(before.archives.map((archive) => [archive.id, archive]))
  const archives = entries.flatMap((entry): CatalogueArchive[] => {
    const old = held.get(entry.id)
    if (old !== undefined) return [old]
    const imported = progress?.imported[entry.id]
    return imported === undefined ? [] : [toCatalogueArchive(entry, imported.blob, imported.stored + imported.known)]
  })
  const ends = archives.map((archive) => archive.to)
  // It counts archives from the end, which are others now.
  const { lastRange: _, ...rest } = before
  const next = {
    ...rest,
    generation: before.generation + 1,
    archives,
    fillers,
    torrent,
    lastArchivedEnd: ends.reduce((latest, end) => Math.max(latest, end), before.lastArchivedEnd ?? 0),
  }
  const used = blobsOf(next)
  return { ...next, superseded: [...blobsOf(before)].filter((blob) => !used.has(blob)) }
}

function blobsOf({
  torrent,
  archives,
  fillers = [],
}: Pick<Catalogue, 'torrent' | 'archives' | 'fillers'>): Set<string> {
  const ofTorrent = torrent === undefined ? [] : [torrent.indexBlob, torrent.infoBlob]
  return new Set([...ofTorrent, ...[...archives, ...fillers].map(({ blob }) => blob)])
}
