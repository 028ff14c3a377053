import { TorrentMetadataError } from '../errors.ts'
import { pieceHash, readTorrentInfo } from '../torrent-info.ts'
import { WebSeed, WebSeedError } from '../web-seed/web-seed.ts'
import { pieceOf } from './sample-pieces.ts'
import type { Patience, StrangerRequest, WebSeedFailure, WebSeedReport } from './stranger.ts'

export interface WebSeedLook {
  readonly url: string
  readonly infoHash: string
  readonly request: StrangerRequest
  readonly patience: Patience
  readonly sha1: (bytes: Uint8Array) => Uint8Array
  readonly signal: AbortSignal
}

/** The status of an answer that began well. */
const partialContent = 206

/**
 * Asks a web seed for what a browser without peers asks it for: the metadata, and pieces in ranges, here one of the index and
 * one of each sample. Where it sends one elsewhere, nobody goes: a link says which hosts are asked.
 * @throws the signal's reason; ArchiveRangeError
 */
export async function lookAtWebSeed(look: WebSeedLook): Promise<WebSeedReport> {
  const { url, patience, signal } = look
  const begunAt = performance.now()
  const report = (failure?: WebSeedFailure, detail = ''): WebSeedReport => ({
    url,
    failure,
    detail,
    milliseconds: Math.round(performance.now() - begunAt),
  })
  const late = AbortSignal.timeout(patience.webSeedSeconds * 1000)
  try {
    const wrong = await fetchSamples(look, AbortSignal.any([signal, late]))
    return wrong === undefined ? report() : report('wrong', `piece ${wrong} has another hash`)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (late.aborted) return report('unanswered', `not done in ${patience.webSeedSeconds} s`)
    if (error instanceof TorrentMetadataError) return report('wrong', error.reason)
    if (!(error instanceof WebSeedError)) throw error
    const isRefused = error.status !== undefined && error.status !== partialContent
    return report(isRefused ? 'refused' : 'unanswered', error.message)
  }
}

/** @returns the piece that is not the torrent's, if there is one */
async function fetchSamples(look: WebSeedLook, signal: AbortSignal): Promise<number | undefined> {
  const { url, infoHash, request, patience, sha1 } = look
  const { communityId, samples } = request
  const seed = new WebSeed({
    url,
    fetch: (address, init) => fetch(address, { ...init, redirect: 'error' }),
    stallSeconds: patience.webSeedSeconds,
    pieceSeconds: patience.webSeedSeconds,
    onBytes: () => {},
  })
  const info = readTorrentInfo(await seed.fetchInfo(communityId, signal), { communityId, infoHash }, sha1)
  const index = info.dataPieces + Math.floor(Math.random() * (info.pieceCount - info.dataPieces))
  let wrong: number | undefined
  const check = async (piece: number, bytes: Uint8Array): Promise<void> => {
    if (Buffer.compare(sha1(bytes), pieceHash(info.pieceHashes, piece)) !== 0) wrong = piece
  }
  for (const piece of new Set([index, ...samples.map((sample) => pieceOf(info, sample))])) {
    await seed.fetchPieces(info, [piece, piece], check, signal)
    if (wrong !== undefined) break
  }
  return wrong
}
