import type { BlobStore, Catalogue, DownloadProgress, StateStore } from '@annals/storage'
import { catalogues, downloadProgress, waitingArchives } from '@annals/storage'
import { KeyFilter } from './key-filter.ts'

export interface CollectBlobsOptions {
  /**
   * How long a blob that nothing refers to is kept after it was put last. Longer than it takes from putting a blob to
   * writing down that it is in use, and than any upload stands still.
   */
  readonly unusedMilliseconds?: number
  /** Unix milliseconds, of the same clock as the blobs are put by. */
  readonly now?: () => number
}

export interface CollectedBlobs {
  /** Blobs that there were. */
  readonly blobs: number
  /** Those of them that something refers to. */
  readonly inUse: number
  /** Those that nothing refers to and that may yet be meant for something. */
  readonly young: number
  readonly deleted: number
  readonly deletedBytes: number
  /** Uploads and deletions that were cut off, and whose rest is removed now. */
  readonly swept: number
}

const day = 24 * 60 * 60 * 1000

/**
 * Deletes blobs that nothing refers to: crashes leave them, between putting a blob and committing what it is for. May
 * run at any time, beside all services and beside itself; takes 16 MiB of memory, whatever there is.
 *
 * Why no blob goes that is in use, or is about to be. A reference is written only after its blob was put, less than
 * `unusedMilliseconds` after; a put renews the blob's time before it resolves; and a deletion asks for that time in the
 * same step. So what was referred to since the start was put after `start - unusedMilliseconds`, and is left alone,
 * whatever was seen. What was referred to at the start is seen: references go from a download's progress to the
 * catalogue, which has them before the progress forgets them, and within a catalogue, which is one document. Hence the
 * order: progress first, then catalogues, then the blobs. Archives that wait for a key refer to their blobs by themselves,
 * as long as they wait.
 */
export async function collectBlobs(
  { state, blobs }: { readonly state: StateStore; readonly blobs: BlobStore },
  { unusedMilliseconds = day, now = Date.now }: CollectBlobsOptions = {},
): Promise<CollectedBlobs> {
  const notPutSince = now() - unusedMilliseconds
  const used = new KeyFilter()
  for await (const { value } of state.collection(waitingArchives).list()) used.add(value.blob)
  for await (const { value } of state.collection(downloadProgress).list())
    for (const key of blobsOfProgress(value)) used.add(key)
  for await (const { value } of state.collection(catalogues).list())
    for (const key of blobsOfCatalogue(value)) used.add(key)
  let [count, inUse, young, deleted, deletedBytes] = [0, 0, 0, 0, 0]
  for await (const { key, sizeBytes, lastPutAtMilliseconds } of blobs.list()) {
    count += 1
    if (used.mayHave(key)) inUse += 1
    else if (lastPutAtMilliseconds >= notPutSince) young += 1
    else if (await blobs.deleteUnused(key, notPutSince)) {
      deleted += 1
      deletedBytes += sizeBytes
    }
  }
  return { blobs: count, inUse, young, deleted, deletedBytes, swept: await blobs.sweep(notPutSince) }
}

function blobsOfProgress({ imported }: DownloadProgress): readonly string[] {
  return Object.values(imported).map(({ blob }) => blob)
}

function blobsOfCatalogue({ archives, fillers = [], torrent, superseded }: Catalogue): readonly string[] {
  const ofTorrent = torrent === undefined ? [] : [torrent.infoBlob, torrent.indexBlob]
  return [...[...archives, ...fillers].map(({ blob }) => blob), ...ofTorrent, ...superseded]
}
