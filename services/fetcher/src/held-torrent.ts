import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import type { TorrentFetch } from '@annals/torrents'
import { decodeInfo } from '@annals/archive'
import { readBlob } from '@annals/storage'

type Held = Pick<TorrentFetch, 'infoBytes' | 'trackers' | 'dataBytes' | 'downloadedBytes' | 'index' | 'range' | 'read'>

/** What is here of a torrent once `range` has brought it. */
export type FetchedTorrent = Held & AsyncDisposable

/** The catalogue's torrent out of the blobs, so that what was fetched before its index could be read is not fetched again. */
export async function openHeldTorrent(
  { blobs }: Pick<ServiceContext, 'blobs'>,
  { archives, fillers = [] }: Catalogue,
  { infoBlob, indexBlob, trackers }: NonNullable<Catalogue['torrent']>,
): Promise<FetchedTorrent> {
  const infoBytes = await readBlob(blobs, infoBlob)
  const parts = [...archives, ...fillers].toSorted((a, b) => a.offsetBytes - b.offsetBytes)
  return {
    infoBytes,
    trackers,
    dataBytes: decodeInfo(infoBytes).dataBytes,
    downloadedBytes: () => 0,
    index: () => readBlob(blobs, indexBlob),
    range: async () => {},
    async *read(offsetBytes, sizeBytes) {
      const end = offsetBytes + sizeBytes
      for (const part of parts) {
        const partEnd = part.offsetBytes + part.sizeBytes
        if (partEnd <= offsetBytes || part.offsetBytes >= end) continue
        const bytes = new Uint8Array(part.sizeBytes)
        bytes.set(await readBlob(blobs, part.blob))
        yield bytes.subarray(
          Math.max(0, offsetBytes - part.offsetBytes),
          Math.min(part.sizeBytes, end - part.offsetBytes),
        )
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
