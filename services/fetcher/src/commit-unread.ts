import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue, CatalogueArchive } from '@annals/storage'
import { decodeInfo, pieceHashBytes, pieceLengthBytes } from '@annals/archive'
import { catalogues, emptyCatalogue, readBlob, updateDocument } from '@annals/storage'
import type { FetchedTorrent } from './held-torrent.ts'
import { ControlTakenMeanwhileError } from './errors.ts'
import { keepFillers } from './keep-fillers.ts'
import { sayDownloaded } from './say-downloaded.ts'
import { storeTorrent, withTorrent } from './store-torrent.ts'

/**
 * Takes a torrent into the catalogue whose index waits for its key, so that it is seeded meanwhile: the archives that are
 * known and have the same pieces in it, and all else as bytes of which nothing is known.
 */
export async function commitUnread(
  context: ServiceContext,
  communityId: string,
  wanted: Announcement,
  fetch: FetchedTorrent,
  index: Uint8Array,
): Promise<void> {
  const torrent = await storeTorrent(context, wanted, fetch, index)
  const rows = context.state.collection(catalogues)
  const known = (await rows.get(communityId))?.value ?? emptyCatalogue
  const archives = await archivesIn(context, known, fetch.infoBytes)
  const fillers = await keepFillers(context, fetch, archives)
  const { value: catalogue } = await updateDocument(rows, communityId, (before = emptyCatalogue) =>
    before.torrent?.infoHash === torrent.infoHash || before.controlTaken === true
      ? before
      : { ...withTorrent(before, torrent, archives, fillers), encrypted: true, indexWaits: true },
  )
  if (catalogue.controlTaken === true) throw new ControlTakenMeanwhileError(communityId)
  const downloadedBytes = fetch.downloadedBytes()
  await sayDownloaded(context, communityId, wanted, catalogue, {
    archivesFetched: 0,
    archivesWaiting: 0,
    downloadedBytes,
  })
}

/** The known archives that stand at the same place in another torrent, piece by piece. */
async function archivesIn(
  context: ServiceContext,
  { torrent, archives }: Catalogue,
  infoBytes: Uint8Array,
): Promise<CatalogueArchive[]> {
  if (torrent === undefined) return []
  const old = decodeInfo(await readBlob(context.blobs, torrent.infoBlob))
  const now = decodeInfo(infoBytes)
  return archives.filter(({ offsetBytes, sizeBytes }) => {
    const end = offsetBytes + sizeBytes
    const [from, to] = [offsetBytes, end].map((bytes) => (bytes / pieceLengthBytes) * pieceHashBytes)
    return end <= now.dataBytes && Buffer.compare(old.pieces.subarray(from, to), now.pieces.subarray(from, to)) === 0
  })
}
