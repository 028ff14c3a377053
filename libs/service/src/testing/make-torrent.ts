import type { ArchiveEntry, WakuMessage } from '@annals/archive'
import type { Catalogue } from '@annals/storage'
import type { ArchiveBytes, StoredTorrent, TorrentNode } from '@annals/torrents'
import { encodeMagnetLink, sealArchives } from '@annals/archive'
import { eventId } from '@annals/events'
import { catalogues, dataLengthBytes, emptyCatalogue, readBlob, toCatalogueArchive } from '@annals/storage'
import type { RawArchive } from '../../../archive/testing/assemble-torrent.ts'
import { assembleTorrent } from '../../../archive/testing/assemble-torrent.ts'
import type { ServiceContext } from '../service.ts'
import { sha1 } from '../sha1.ts'

/** A torrent with all its bytes. */
export interface MadeTorrent {
  readonly torrent: StoredTorrent
  readonly archives: readonly ArchiveBytes[]
  readonly entries: readonly ArchiveEntry[]
  readonly index: Uint8Array
  /** Stores and seeds it on a node, and answers the link by which others find it there. */
  serve(node: TorrentNode): Promise<string>
}

/** Makes a community's torrent out of archives; `changeIndex` has the last word about its index. */
export function makeTorrent(
  communityId: string,
  raws: readonly RawArchive[],
  changeIndex?: (entries: readonly ArchiveEntry[]) => Uint8Array,
): MadeTorrent {
  const { entries, index, infoBytes, infoHash } = assembleTorrent(communityId, raws, changeIndex)
  const torrent = { communityId, infoHash, infoBytes, trackers: [] }
  const archives = entries.map(({ offsetBytes, sizeBytes }, at) => ({
    offsetBytes,
    sizeBytes,
    read: async function* () {
      yield raws[at]?.encoded ?? new Uint8Array()
    },
  }))
  return {
    torrent,
    archives,
    entries,
    index,
    async serve(node) {
      await node.store(torrent, archives, index)
      await node.seed(communityId, torrent.infoHash)
      const peers = [`${node.address.host}:${node.address.port}`]
      return encodeMagnetLink({ communityId, infoHash: torrent.infoHash, trackers: [], peers })
    },
  }
}

/** The archive [from, from + 1000) of messages, all of which must be of that time. */
export async function rawArchive(messages: readonly WakuMessage[], from: number): Promise<RawArchive> {
  const to = from + 1_000
  const options = { from, to, intervalSeconds: 1_000, contentTopics: [], offsetBytes: 0, sha1 }
  for await (const sealed of sealArchives([messages], options))
    if (sealed.kind === 'archive') return { from, to, encoded: sealed.encoded.slice() }
  throw new Error('an archive needs a message')
}

/** Commits one more archive to a controlled community's catalogue, as sealing does, and publishes `ArchiveCreated`. */
export async function appendArchive(
  context: ServiceContext,
  communityId: string,
  messages: readonly WakuMessage[],
  from: number,
): Promise<void> {
  const rows = context.state.collection(catalogues)
  const row = await rows.get(communityId)
  const before = row?.value ?? emptyCatalogue
  const old = await Promise.all(
    before.archives.map(async (archive) => ({ ...archive, encoded: await readBlob(context.blobs, archive.blob) })),
  )
  const raws = [...old, await rawArchive(messages, from)]
  const made = makeTorrent(communityId, raws)
  const blobs = await Promise.all(raws.map(async ({ encoded }) => (await context.blobs.put([encoded])).key))
  const magnetLink = encodeMagnetLink({ communityId, infoHash: made.torrent.infoHash, trackers: [] })
  const next: Catalogue = {
    ...before,
    generation: before.generation + 1,
    lastArchivedEnd: from + 1_000,
    archives: made.entries.map((entry, at) => toCatalogueArchive(entry, blobs[at] ?? '', 1)),
    torrent: {
      infoHash: made.torrent.infoHash,
      magnetLink,
      trackers: [],
      infoBlob: (await context.blobs.put([made.torrent.infoBytes])).key,
      indexBlob: (await context.blobs.put([made.index])).key,
      indexBytes: made.index.length,
    },
    ...(before.torrent && {
      previous: {
        infoHash: before.torrent.infoHash,
        dataBytes: dataLengthBytes(before.archives),
        indexBlob: before.torrent.indexBlob,
        indexBytes: before.torrent.indexBytes,
      },
    }),
  }
  await rows.put(communityId, next, row?.version ?? 0)
  const { generation } = next
  const payload = { from, to: from + 1_000, generation, infoHash: made.torrent.infoHash, magnetLink }
  await context.bus.publish({
    id: eventId('ArchiveCreated', communityId, `${from}-${from + 1_000}`),
    name: 'ArchiveCreated',
    communityId,
    payload: { ...payload, archives: [], leftOutMessages: 0, archiveCount: 0 },
  })
}

/** The info hash of what a community's catalogue has now. */
export async function torrentOf(context: ServiceContext, communityId: string): Promise<string> {
  return (await context.state.collection(catalogues).get(communityId))?.value.torrent?.infoHash ?? ''
}
