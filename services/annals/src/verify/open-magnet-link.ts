import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeInfo, decodeMagnetLink, defaultInfoLimits, isCommunityIdText } from '@annals/archive'
import type { Cli } from '../cli.ts'
import type { ArchiveSource } from './archive-source.ts'
import { NotVerifiableError } from './verify-errors.ts'

/** As status-go's members wait for it. */
const metadataSeconds = 20

/**
 * Fetches what a magnet link names into a temporary folder, archive by archive as they are looked at. `stack` stops the
 * fetch and deletes the folder.
 * @throws NotVerifiableError, MagnetLinkError and what the torrent node throws
 */
export async function openMagnetLink(
  cli: Cli,
  magnetLink: string,
  maxDataBytes: number,
  stack: AsyncDisposableStack,
): Promise<ArchiveSource> {
  const { displayName: communityId } = decodeMagnetLink(magnetLink)
  if (communityId === undefined || !isCommunityIdText(communityId))
    throw new NotVerifiableError('the magnet link', 'it has no dn= with a community id, so it is no link of archives')
  const { openTorrentNode } = await import('@annals/torrents')
  const folder = await mkdtemp(join(tmpdir(), 'annals-verify-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { torrentHost: host, torrentPort: port, torrentDht, fetchStallSeconds } = cli.config
  const node = stack.use(await openTorrentNode({ folder, host, port, dht: torrentDht === 'on' }))
  const { maxIndexBytes } = defaultInfoLimits
  const limits = { metadataSeconds, stallSeconds: fetchStallSeconds, maxDataBytes, maxIndexBytes }
  const fetch = stack.use(await node.fetch({ communityId, magnetLink, signal: cli.signal, limits }))
  return {
    description: fetch.infoHash,
    communityId,
    infoHash: fetch.infoHash,
    dataBytes: fetch.dataBytes,
    pieces: decodeInfo(fetch.infoBytes).pieces,
    problems: [],
    index: await fetch.index(),
    async *read(offsetBytes, sizeBytes) {
      await fetch.range(offsetBytes, sizeBytes)
      yield* fetch.read(offsetBytes, sizeBytes)
    },
  }
}
