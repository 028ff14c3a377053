import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { checkIndex, decodeIndex } from '@annals/archive'
import { eventId } from '@annals/events'
import { catalogues, downloadProgress, emptyCatalogue } from '@annals/storage'
import { commitDownload } from './commit-download.ts'
import { UnusableIndexError } from './errors.ts'
import { importArchive } from './import-archive.ts'
import { fetchLimits } from './limits.ts'

/**
 * Brings what an announced torrent has and the catalogue lacks: the index first, then the missing archives in time
 * order, each imported as soon as it is here, then whatever else the torrent holds, so that it can be seeded whole.
 * Everything is kept as it comes; a try after a crash or a failure goes on where this one ended.
 * @throws what the torrent node throws; UnusableIndexError
 */
export async function fetchArchives(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  signal: AbortSignal,
): Promise<void> {
  await context.bus.publish(
    {
      id: eventId('DownloadStarted', communityId, wanted.clockMilliseconds, wanted.infoHash),
      name: 'DownloadStarted',
      communityId,
      payload: wanted,
    },
    { source: 'fetcher' },
  )
  await bring(context, communityId, wanted, signal)
  // Seeders elsewhere make the torrent of blobs; what stands in this folder is of no use to anybody any more.
  if (context.shared) await context.torrents.deleteCommunity(communityId)
}

async function bring(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  signal: AbortSignal,
): Promise<void> {
  await using fetch = await context.torrents.fetch({
    communityId,
    magnetLink: wanted.magnetLink,
    signal,
    limits: fetchLimits(context.config),
  })
  try {
    const index = await fetch.index()
    const entries = readIndex(context, communityId, index, fetch.dataBytes)
    const catalogue = (await context.state.collection(catalogues).get(communityId))?.value ?? emptyCatalogue
    await importMissing(context, communityId, wanted, fetch, entries, catalogue, signal)
    // A seeder of this process serves out of the same folder.
    if (!context.shared) await fetch.range(0, fetch.dataBytes)
    await commitDownload(context, communityId, wanted, fetch, index, entries)
  } catch (error) {
    await countBytes(context, communityId, wanted, fetch)
    throw error
  }
}

function readIndex(
  context: ServiceContext,
  communityId: string,
  index: Uint8Array,
  dataBytes: number,
): readonly ArchiveEntry[] {
  const decoded = decodeIndex(index)
  const checked = checkIndex(decoded.entries, dataBytes)
  for (const rejected of [...decoded.rejected, ...checked.rejected])
    context.log.warn({ communityId, ...rejected }, 'an entry of the index cannot be used and is left alone')
  if (checked.entries.length === 0) throw new UnusableIndexError(communityId, index.length)
  return checked.entries
}

async function importMissing(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  fetch: TorrentFetch,
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
  fetch: TorrentFetch,
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
