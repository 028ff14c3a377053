import { ArchiveError, decodeInfo, defaultInfoLimits, sha1 } from '@annals/archive'
import { readTorrentInfo, TorrentMetadataError, type TorrentInfo, type WebSeed } from '@annals/torrents/browser'
import { FetchStalledError, NoSourceError, StorageError, StorageFullError, TorrentRefusedError } from '../errors.ts'
import type { KeptPieces } from '../pieces/kept-pieces.ts'
import { hashHex } from '../pieces/sha1.ts'
import type { Swarm } from '../swarm/swarm-client.ts'

export interface FindTorrentOptions {
  readonly infoHash: string
  /** `undefined` where the link does not say; the torrent's own name is taken then. */
  readonly communityId: string | undefined
  readonly kept: KeptPieces
  readonly swarm: Swarm | undefined
  readonly webSeeds: readonly WebSeed[]
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
  readonly onProblem: (webSeed: WebSeed, problem: string) => void
}

/**
 * The torrent's info dictionary, from the visit before, from a web seed or from a peer: whoever is first. It is checked to
 * the last byte before anything is made of it.
 * @throws TorrentRefusedError, FetchStalledError, NoSourceError, the signal's reason
 */
export async function findTorrent(options: FindTorrentOptions): Promise<TorrentInfo> {
  const { infoHash, kept } = options
  const before = await kept.readInfo(infoHash).catch(ignoreStorage)
  if (before !== undefined && (await hashHex(before.infoBytes)) === infoHash)
    return checkInfo(before.infoBytes, options)
  const infoBytes = await fetchInfo(options)
  const info = checkInfo(infoBytes, options)
  await kept.writeInfo(infoHash, { communityId: info.communityId, infoBytes }).catch(ignoreStorage)
  return info
}

/** What cannot be kept is fetched the next time; that pieces cannot be kept is said there. */
function ignoreStorage(error: unknown): undefined {
  if (!(error instanceof StorageError || error instanceof StorageFullError)) throw error
}

function checkInfo(
  infoBytes: Uint8Array,
  { infoHash, communityId }: Pick<FindTorrentOptions, 'infoHash' | 'communityId'>,
): TorrentInfo {
  try {
    const expected = { infoHash, communityId: communityId ?? decodeInfo(infoBytes).communityId }
    return readTorrentInfo(infoBytes, expected, sha1, defaultInfoLimits)
  } catch (cause) {
    if (cause instanceof TorrentMetadataError) throw new TorrentRefusedError(infoHash, cause.reason, { cause })
    if (cause instanceof ArchiveError) throw new TorrentRefusedError(infoHash, cause.message, { cause })
    throw cause
  }
}

async function fetchInfo(options: FindTorrentOptions): Promise<Uint8Array> {
  const { infoHash, communityId, swarm, webSeeds, timeoutSeconds, signal, onProblem } = options
  if (swarm === undefined && webSeeds.length === 0) throw new NoSourceError(infoHash)
  const problems: string[] = []
  const enough = new AbortController()
  const timer = setTimeout(() => enough.abort(), timeoutSeconds * 1000)
  const either = AbortSignal.any([signal, enough.signal])
  const fromWebSeed = async (webSeed: WebSeed): Promise<Uint8Array> => {
    try {
      if (communityId === undefined)
        throw new Error(`${webSeed.url}: the link does not name the torrent, so peers alone can say what it is`)
      const infoBytes = await webSeed.fetchInfo(communityId, either)
      if ((await hashHex(infoBytes)) !== infoHash) throw new Error(`${webSeed.url}: its info dictionary is another one`)
      return infoBytes
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (!either.aborted) {
        problems.push(problem)
        onProblem(webSeed, problem)
      }
      throw error
    }
  }
  const began = performance.now()
  try {
    return await Promise.any([...(swarm ? [swarm.fetchInfo(either)] : []), ...webSeeds.map(fromWebSeed)])
  } catch {
    signal.throwIfAborted()
    throw new FetchStalledError({
      infoHash,
      step: 'info',
      waitedSeconds: Math.round((performance.now() - began) / 1000),
      peers: swarm?.peers ?? 0,
      webSeedProblems: problems,
    })
  } finally {
    clearTimeout(timer)
    enough.abort()
  }
}
