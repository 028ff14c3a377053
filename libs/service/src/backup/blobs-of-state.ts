import type { StateStore } from '@annals/storage'
import { catalogues, downloadProgress, waitingArchives } from '@annals/storage'

/**
 * The keys of the blobs without which a state is not whole, some of them several times. What catalogues keep only for who
 * still serves the torrent before is not among them.
 */
export async function* blobsOfState(state: StateStore): AsyncGenerator<string> {
  for await (const { value } of state.collection(waitingArchives).list()) yield value.blob
  for await (const { value } of state.collection(downloadProgress).list())
    for (const { blob } of Object.values(value.imported)) yield blob
  for await (const { value } of state.collection(catalogues).list()) {
    const { archives, fillers = [], torrent } = value
    for (const { blob } of [...archives, ...fillers]) yield blob
    if (torrent !== undefined) yield* [torrent.infoBlob, torrent.indexBlob]
  }
}
