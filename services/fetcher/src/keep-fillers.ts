import type { ArchiveEntry } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { pieceLengthBytes } from '@annals/archive'

interface Gap {
  readonly offsetBytes: number
  readonly sizeBytes: number
}

/** A blob is read whole, to get at any of its bytes. */
const maxPartBytes = 160 * pieceLengthBytes

/**
 * Brings and keeps what of a torrent's data no usable entry of the index names: a seeder that has none of it yet makes
 * the whole of blobs alone.
 */
export async function keepFillers(
  context: Pick<ServiceContext, 'blobs'>,
  fetch: Pick<TorrentFetch, 'dataBytes' | 'range' | 'read'>,
  entries: readonly Pick<ArchiveEntry, 'offsetBytes' | 'sizeBytes'>[],
): Promise<NonNullable<Catalogue['fillers']>> {
  const fillers: NonNullable<Catalogue['fillers']> = []
  for (const { offsetBytes, sizeBytes } of gapsBetween(entries, fetch.dataBytes).flatMap(inParts)) {
    await fetch.range(offsetBytes, sizeBytes)
    const { key } = await context.blobs.put(fetch.read(offsetBytes, sizeBytes))
    fillers.push({ offsetBytes, sizeBytes, blob: key })
  }
  return fillers
}

function inParts({ offsetBytes, sizeBytes }: Gap): Gap[] {
  return Array.from({ length: Math.ceil(sizeBytes / maxPartBytes) }, (_, at) => ({
    offsetBytes: offsetBytes + at * maxPartBytes,
    sizeBytes: Math.min(maxPartBytes, sizeBytes - at * maxPartBytes),
  }))
}

/** What of [0, dataBytes) is in none of the entries, which may overlap. */
export function gapsBetween(
  entries: readonly Pick<ArchiveEntry, 'offsetBytes' | 'sizeBytes'>[],
  dataBytes: number,
): Gap[] {
  const gaps: Gap[] = []
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
