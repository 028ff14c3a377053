import type { Fetcher, LiveTorrent } from '../client/live-torrent.ts'
import { FetchAbortedError } from '../errors.ts'
import type { PeerFindings } from './look-at-peers.ts'
import type { CheckedPieces } from './checked-pieces.ts'
import type { FetchFailure, Patience } from './stranger.ts'

const tickMilliseconds = 1_000
/** Trackers are asked again where there are no peers, at most this often. */
const askTrackersMilliseconds = 30_000

/** Waits for pieces from peers, one lot after the other, with as much patience as it is given. */
export class PieceArrival implements Fetcher {
  readonly #live: LiveTorrent<CheckedPieces>
  readonly #lots: readonly (readonly number[])[]
  readonly #remaining: Set<number>
  readonly #patience: Patience
  readonly #signal: AbortSignal
  readonly #end = Promise.withResolvers<FetchFailure | undefined>()
  #downloadedBytes = 0
  #peers = 0
  #wrongPieces = 0
  #lastPieceAt = performance.now()
  /** Number of the lot that is waited for. */
  #lot = -1

  /** @param lots no piece is in two of them */
  constructor(
    live: LiveTorrent<CheckedPieces>,
    lots: readonly (readonly number[])[],
    patience: Patience,
    signal: AbortSignal,
  ) {
    this.#live = live
    this.#lots = lots.filter((lot) => lot.length > 0)
    this.#remaining = new Set(lots.flat())
    this.#patience = patience
    this.#signal = signal
  }

  blockCame(_piece: number, _offsetBytes: number, sizeBytes: number): void {
    this.#downloadedBytes += sizeBytes
  }

  pieceCame(piece: number): void {
    if (!this.#remaining.delete(piece)) return
    this.#lastPieceAt = performance.now()
    this.#goOn()
  }

  pieceFailed(): void {
    this.#wrongPieces += 1
  }

  stopped(cause: unknown): void {
    const { communityId, infoHash } = this.#live.held.info
    this.#end.reject(new FetchAbortedError(communityId, infoHash, { cause }))
  }

  /** @throws FetchAbortedError */
  async findings(): Promise<PeerFindings> {
    const abort = (): void => this.stopped(this.#signal.reason)
    this.#signal.addEventListener('abort', abort)
    if (this.#signal.aborted) abort()
    const begunAt = performance.now()
    let askedTrackersAt = begunAt
    const interval = Math.min(tickMilliseconds, this.#patience.pieceSeconds * 250)
    const tick = setInterval(() => {
      const now = performance.now()
      this.#peers = Math.max(this.#peers, this.#live.peers)
      if (now - begunAt >= this.#patience.wholeSeconds * 1000) this.#end.resolve(this.#failure(true))
      else if (now - this.#lastPieceAt >= this.#patience.pieceSeconds * 1000) this.#end.resolve(this.#failure(false))
      const askTrackers = now - askedTrackersAt >= askTrackersMilliseconds
      if (askTrackers) askedTrackersAt = now
      this.#live.nudge(askTrackers)
    }, interval)
    this.#live.attach(this)
    this.#goOn()
    try {
      const failure = await this.#end.promise
      this.#peers = Math.max(this.#peers, this.#live.peers)
      const all = this.#lots.flat().length
      const came = all - this.#remaining.size
      const detail = failure === undefined ? '' : `${came} of ${all} pieces came`
      return { failure, detail, peers: this.#peers, downloadedBytes: this.#downloadedBytes }
    } finally {
      clearInterval(tick)
      this.#signal.removeEventListener('abort', abort)
      this.#live.detach(this)
    }
  }

  /** Nobody is asked for the next lot before the one before is here: who answers for the one need not for the other. */
  #goOn(): void {
    if (this.#lots[this.#lot]?.some((piece) => this.#remaining.has(piece))) return
    this.#lot += 1
    const lot = this.#lots[this.#lot]
    if (lot === undefined) this.#end.resolve(undefined)
    else this.#live.want(lot)
  }

  #failure(isLate: boolean): FetchFailure {
    if (this.#wrongPieces > 0) return 'wrong-pieces'
    if (isLate) return 'too-slow'
    const { dataPieces } = this.#live.held.info
    return [...this.#remaining].some((piece) => piece >= dataPieces) ? 'no-index' : 'no-data'
  }
}
