import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'

/**
 * Brings and keeps what of a torrent's data no usable entry of the index names: a seeder that has none of it yet makes
 * the whole of blobs alone.
 */
export async function keepFillers(
  context: Pick<ServiceContext, 'blobs'>,
  fetch: Pick<TorrentFetch, 'dataBytes' | 'range' | 'read'>,
  entries: readonly ArchiveEntry[],
): Promise<NonNullable<Catalogue['fillers']>> {
  const fillers: NonNullable<Catalogue['fillers']> = []
  for (const { offsetBytes, sizeBytes } of gapsBetween(entries, fetch.dataBytes)) {
    await fetch.range(offsetBytes, sizeBytes)
    const { key } = await context.blobs.put(fetch.read(offsetBytes, sizeBytes))
    fillers.push({ offsetBytes, sizeBytes, blob: key })
  }
  return fillers
}

/** What of [0, dataBytes) is in none of the entries, which may overlap. */
export function gapsBetween(
  entries: readonly Pick<ArchiveEntry, 'offsetBytes' | 'sizeBytes'>[],
  dataBytes: number,
): { offsetBytes: number; sizeBytes: number }[] {
  const gaps: { offsetBytes: number; sizeBytes: number }[] = []
  let at = 0
  const upTo = (end: number): void => {
    if (end > at) gaps.push({ offsetBytes: at, sizeBytes: end - at })
  }
  for (const { offsetBytes, sizeBytes } of entries.toSorted((a, b) => a.offsetBytes - b.offsetBytes)) {
    upTo(offsetBytes)
    at = Math.max(at, offsetBytes + sizeBytes)
  }
  upTo(dataBytes)
  return gaps
}
