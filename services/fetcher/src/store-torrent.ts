import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue, CatalogueArchive } from '@annals/storage'
import type { FetchedTorrent } from './held-torrent.ts'

type Torrent = NonNullable<Catalogue['torrent']>

/** Keeps a fetched torrent's metadata and index, as the catalogue names them. */
export async function storeTorrent(
  context: Pick<ServiceContext, 'blobs' | 'tracing'>,
  { infoHash, magnetLink }: Announcement,
  fetch: Pick<FetchedTorrent, 'infoBytes' | 'trackers'>,
  index: Uint8Array,
): Promise<Torrent> {
  return {
    infoHash,
    magnetLink,
    trackers: [...fetch.trackers],
    infoBlob: (await context.blobs.put([fetch.infoBytes])).key,
    indexBlob: (await context.blobs.put([index])).key,
    indexBytes: index.length,
    ...context.tracing.kept(),
  }
}

/** The catalogue with another torrent; blobs that it replaces are kept until the next one. */
export function withTorrent(
  before: Catalogue,
  torrent: Torrent,
  archives: CatalogueArchive[],
  fillers: NonNullable<Catalogue['fillers']>,
): Catalogue {
  const ends = archives.map((archive) => archive.to)
  // The last range counts archives from the end, which are others now; and what was before need not begin alike.
  const { lastRange: _, indexWaits: __, previous: ___, ...rest } = before
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
