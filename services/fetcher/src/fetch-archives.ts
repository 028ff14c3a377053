import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue, WantedKeyDocument } from '@annals/storage'
import { eventId } from '@annals/events'
import { catalogues, downloadProgress, emptyCatalogue } from '@annals/storage'
import { commitDownload } from './commit-download.ts'
import { commitUnread } from './commit-unread.ts'
import type { FetchedTorrent } from './held-torrent.ts'
import { openHeldTorrent } from './held-torrent.ts'
import { importArchive } from './import-archive.ts'
import { fetchLimits } from './limits.ts'
import { readIndex } from './read-index.ts'

/**
 * Brings what an announced torrent has and the catalogue lacks: the index first, then the missing archives in time
 * order, each imported as soon as it is here, then whatever else the torrent holds, so that it can be seeded whole.
 * Everything is kept as it comes; a try after a crash or a failure goes on where this one ended. Archives without their
 * key wait; an index without its key leaves all archives unknown, and the torrent is kept so that it can be seeded.
 * @returns the key that the index waits for; `undefined` when everything is done
 * @throws what the torrent node throws; UnusableIndexError
 */
export async function fetchArchives(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  signal: AbortSignal,
): Promise<WantedKeyDocument | undefined> {
  await context.bus.publish(
    {
      id: eventId('DownloadStarted', communityId, wanted.clockMilliseconds, wanted.infoHash),
      name: 'DownloadStarted',
      communityId,
      payload: wanted,
    },
    { source: 'fetcher' },
  )
  const waitsForKey = await bring(context, communityId, wanted, signal)
  // Seeders elsewhere make the torrent of blobs; what stands in this folder is of no use to anybody any more.
  if (context.shared) await context.torrents.deleteCommunity(communityId)
  return waitsForKey
}

async function bring(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  signal: AbortSignal,
): Promise<WantedKeyDocument | undefined> {
  const catalogue = (await context.state.collection(catalogues).get(communityId))?.value ?? emptyCatalogue
  await using fetch = await openTorrent(context, communityId, wanted, catalogue, signal)
  using _counting = {
    [Symbol.dispose]: () => context.metrics.add('fetchedBytes', fetch.downloadedBytes()),
  }
  try {
    const bytes = await fetch.index()
    const index = await readIndex(context, communityId, bytes, fetch.dataBytes)
    if ('entries' in index) await importMissing(context, communityId, wanted, fetch, index.entries, catalogue, signal)
    // A seeder of this process serves out of the same folder.
    if (!context.shared) await fetch.range(0, fetch.dataBytes)
    if ('entries' in index) {
      await commitDownload(context, communityId, wanted, fetch, { bytes, ...index })
      return undefined
    }
    await commitUnread(context, communityId, wanted, fetch, bytes)
    return index.waitsForKey
  } catch (error) {
    await countBytes(context, communityId, wanted, fetch)
    throw error
  }
}

/** What is here whole already, but for the key of its index, comes out of the blobs. */
async function openTorrent(
  context: ServiceContext,
  communityId: string,
  { infoHash, magnetLink }: Announcement,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<FetchedTorrent> {
  const { torrent, indexWaits } = catalogue
  if (indexWaits === true && torrent?.infoHash === infoHash) return openHeldTorrent(context, catalogue, torrent)
  const limits = fetchLimits(context.config)
  return context.torrents.fetch({ communityId, magnetLink, signal, limits })
}

async function importMissing(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  fetch: FetchedTorrent,
  entries: readonly ArchiveEntry[],
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<void> {
  const { infoHash } = wanted
  const known = new Set(catalogue.archives.map((archive) => archive.id))
  const missing = entries.filter((entry) => !known.has(entry.id))
  const rows = context.state.collection(downloadProgress)
  let row = await rows.get(communityId)
  if (row?.value.infoHash !== infoHash)
    row = await rows.put(communityId, { infoHash, imported: {}, downloadedBytes: 0 }, row?.version ?? 0)
  for (const [position, entry] of missing.entries()) {
    signal.throwIfAborted()
    const report = { task: 'fetch', communityId, total: missing.length, unit: 'archives' } as const
    context.progress.report({ ...report, done: position })
    if (row.value.imported[entry.id] === undefined) {
      await fetch.range(entry.offsetBytes, entry.sizeBytes)
      await publishDownloaded(context, communityId, infoHash, entry, position + 1, missing.length)
      const imported = await importArchive(context, communityId, infoHash, fetch, entry, missing.length, signal)
      row = await rows.put(
        communityId,
        { ...row.value, imported: { ...row.value.imported, [entry.id]: imported } },
        row.version,
      )
    }
    context.progress.report({ ...report, done: position + 1 })
  }
}

async function publishDownloaded(
  context: ServiceContext,
  communityId: string,
  infoHash: string,
  { id: archiveId, from, to, offsetBytes, sizeBytes }: ArchiveEntry,
  archivesDone: number,
  archivesTotal: number,
): Promise<void> {
  const archive = { archiveId, from, to, offsetBytes, sizeBytes, messages: 0 }
  await context.bus.publish(
    {
      id: eventId('ArchiveDownloaded', communityId, infoHash, archiveId),
      name: 'ArchiveDownloaded',
      communityId,
      payload: { infoHash, archive, archivesDone, archivesTotal },
    },
    { source: 'fetcher' },
  )
}

/** Keeps the count of bytes that a failed try moved. A try that is killed loses its count, not its pieces. */
async function countBytes(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  fetch: FetchedTorrent,
): Promise<void> {
  try {
    const rows = context.state.collection(downloadProgress)
    const row = await rows.get(communityId)
    if (row?.value.infoHash !== wanted.infoHash || fetch.downloadedBytes() === 0) return
    const downloadedBytes = row.value.downloadedBytes + fetch.downloadedBytes()
    await rows.put(communityId, { ...row.value, downloadedBytes }, row.version)
  } catch (error) {
    // What the try failed with is what counts.
    context.log.warn({ err: error, communityId }, 'the bytes of a failed try are not counted')
  }
}
