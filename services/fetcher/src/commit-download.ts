import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue, CatalogueArchive, DownloadProgress } from '@annals/storage'
import { eventId } from '@annals/events'
import { catalogues, downloadProgress, emptyCatalogue, toCatalogueArchive, updateDocument } from '@annals/storage'
import type { FetchedTorrent } from './held-torrent.ts'
import { ControlTakenMeanwhileError } from './errors.ts'
import { keepFillers } from './keep-fillers.ts'
import { sayDownloaded } from './say-downloaded.ts'
import { storeTorrent, withTorrent } from './store-torrent.ts'
import { waitingOf } from './waiting-archives.ts'

export interface DownloadedIndex {
  /** As it stands in the torrent. */
  readonly bytes: Uint8Array
  readonly entries: readonly ArchiveEntry[]
  readonly encrypted: boolean
}

/** Takes a finished download into the catalogue and says so; the seeder takes over from there. */
export async function commitDownload(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  fetch: FetchedTorrent,
  index: DownloadedIndex,
): Promise<void> {
  const progress = (await context.state.collection(downloadProgress).get(communityId))?.value
  const torrent = await storeTorrent(context, wanted, fetch, index.bytes)
  const fillers = await keepFillers(context, fetch, index.entries)
  const rows = context.state.collection(catalogues)
  const { value: catalogue } = await updateDocument(rows, communityId, (before) =>
    withDownload(before ?? emptyCatalogue, torrent, index, progress, fillers),
  )
  if (catalogue.controlTaken === true) throw new ControlTakenMeanwhileError(communityId)
  const imported = Object.values(progress?.imported ?? {})
  const waiting = new Set((await waitingOf(context, communityId)).map(({ value }) => value.blob))
  const archivesWaiting = imported.filter(({ blob }) => waiting.has(blob)).length
  const sum = (key: 'stored' | 'known' | 'setAside'): number => imported.reduce((total, each) => total + each[key], 0)
  const downloadedBytes = (progress?.downloadedBytes ?? 0) + fetch.downloadedBytes()
  await sayDownloaded(context, communityId, wanted, catalogue, {
    archivesFetched: imported.length,
    archivesWaiting,
    downloadedBytes,
  })
  const { infoHash, clockMilliseconds } = wanted
  await context.bus.publish(
    {
      id: eventId('DownloadFinished', communityId, clockMilliseconds, infoHash, catalogue.generation),
      name: 'DownloadFinished',
      communityId,
      payload: {
        infoHash,
        archivesImported: imported.length - archivesWaiting,
        messagesImported: sum('stored'),
        messagesKnown: sum('known'),
        messagesSetAside: sum('setAside'),
        downloadedBytes,
        archivesWaiting,
      },
    },
    { source: 'fetcher' },
  )
}

function withDownload(
  before: Catalogue,
  torrent: NonNullable<Catalogue['torrent']>,
  { entries, encrypted }: DownloadedIndex,
  progress: DownloadProgress | undefined,
  fillers: NonNullable<Catalogue['fillers']>,
): Catalogue {
  if (before.controlTaken === true) return before
  if (before.torrent?.infoHash === torrent.infoHash && before.indexWaits !== true) return before
  const held = new Map(before.archives.map((archive) => [archive.id, archive]))
  const archives = entries.flatMap((entry): CatalogueArchive[] => {
    const old = held.get(entry.id)
    if (old !== undefined) return [old]
    const imported = progress?.imported[entry.id]
    return imported === undefined ? [] : [toCatalogueArchive(entry, imported.blob, imported.stored + imported.known)]
  })
  return { ...withTorrent(before, torrent, archives, fillers), ...(encrypted && { encrypted }) }
}
