import type { ServiceContext } from '@annals/service'
import type { Catalogue, CatalogueArchive } from '@annals/storage'
import { dataLengthBytes, readBlob, toArchiveEntry } from '@annals/storage'
import {
  decodeInfo,
  encodeIndex,
  encodeInfo,
  encodeMagnetLink,
  indexPieceHashes,
  infoHash,
  pieceLengthBytes,
} from '@annals/archive'
import { ownTrackers, ownWebSeeds, sha1 } from '@annals/service'
import type { Encryption } from './encryption-of.ts'

interface NewArchives {
  readonly archives: readonly CatalogueArchive[]
  /** Of the pieces of each. */
  readonly pieceHashes: readonly Uint8Array[]
}

/** Makes and stores the index and the torrent over the old archives, by their piece hashes alone, and the new ones. */
export async function makeTorrent(
  context: ServiceContext,
  communityId: string,
  before: Catalogue,
  added: NewArchives,
  encrypt: Encryption | undefined,
): Promise<NonNullable<Catalogue['torrent']>> {
  const plainIndex = encodeIndex([...before.archives, ...added.archives].map(toArchiveEntry))
  const index = encrypt === undefined ? plainIndex : await encrypt(plainIndex)
  const oldPieceHashes = await dataPieceHashes(context, before)
  const infoBytes = encodeInfo({
    communityId,
    dataBytes: dataLengthBytes(added.archives),
    indexBytes: index.length,
    pieces: concat([oldPieceHashes, ...added.pieceHashes, indexPieceHashes(index, sha1)]),
  })
  const { config } = context
  const hash = infoHash(infoBytes, sha1)
  // Kept with the catalogue: what the settings are later changes nothing about a link that is out.
  const trackers = [...new Set([...ownTrackers(config), ...config.trackers])]
  const webSeeds = ownWebSeeds(config, hash)
  return {
    infoHash: hash,
    magnetLink: encodeMagnetLink({ infoHash: hash, communityId, trackers, peers: config.peers, webSeeds }),
    trackers,
    infoBlob: (await context.blobs.put([infoBytes])).key,
    indexBlob: (await context.blobs.put([index])).key,
    indexBytes: index.length,
    ...context.tracing.kept(),
  }
}

/** The hashes of the old data's pieces, out of the old torrent: `data` only ever grows, so they stay true. */
async function dataPieceHashes(context: ServiceContext, before: Catalogue): Promise<Uint8Array> {
  if (before.torrent === undefined) return new Uint8Array()
  const { pieces } = decodeInfo(await readBlob(context.blobs, before.torrent.infoBlob))
  return pieces.subarray(0, (dataLengthBytes(before.archives) / pieceLengthBytes) * 20)
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
