import { pieceLengthBytes } from '@annals/archive'
import type { FetchStep } from '../errors.ts'
import { ArchiveRangeError, DamagedPieceError, DiskError, FetchAbortedError, FetchStalledError } from '../errors.ts'
import type { FetchRequest, TorrentFetch } from '../torrent-node.ts'
import { pieceSizeBytes } from '../torrent-info.ts'
import type { Fetcher, LiveTorrent } from './live-torrent.ts'

/** BitTorrent's usual request. */
const blockBytes = 16_384
/** No whole piece for this many times the stall bound is a stall too: a liar's blocks are new, but make no piece. */
const pieceStallFactor = 4
const tickMilliseconds = 1_000
/** Trackers are asked again for a fetch without peers, at most this often. */
const askTrackersMilliseconds = 30_000

interface Wait {
  readonly step: FetchStep
  readonly remaining: Set<number>
  /** Blocks of pieces that are not complete: only the first coming of one counts as progress. */
  readonly blocks: Set<string>
  lastBlockAt: number
  lastPieceAt: number
  readonly done: (error?: Error) => void
}

/** Brings pieces of one torrent as they are asked for. */
export class WebTorrentFetch implements TorrentFetch, Fetcher {
  readonly #live: LiveTorrent
  readonly #request: FetchRequest
  readonly #signal: AbortSignal
  readonly #release: () => Promise<void>
  readonly #waits = new Set<Wait>()
  readonly #abort = (): void => this.stopped(this.#signal.reason)
  #stoppedBy: FetchAbortedError | DiskError | undefined
  #downloadedBytes = 0
  #wantedBytes = 0
  #released: Promise<void> | undefined

  /** `release` runs once, when the fetch is disposed. */
  constructor(live: LiveTorrent, request: FetchRequest, signal: AbortSignal, release: () => Promise<void>) {
    this.#live = live
    this.#request = request
    this.#signal = signal
    this.#release = release
    live.attach(this)
    signal.addEventListener('abort', this.#abort)
    if (signal.aborted) this.#abort()
  }

  get infoHash(): string {
    return this.#live.held.info.infoHash
  }

  get infoBytes(): Uint8Array {
    return this.#live.held.info.infoBytes
  }

  get trackers(): readonly string[] {
    return this.#live.held.trackers
  }

  get dataBytes(): number {
    return this.#live.held.info.dataBytes
  }

  get indexBytes(): number {
    return this.#live.held.info.indexBytes
  }

  downloadedBytes(): number {
    return this.#downloadedBytes
  }

  async index(): Promise<Uint8Array> {
    const { held } = this.#live
    for (;;) {
      await this.#bring('index', held.info.dataPieces, held.info.pieceCount)
      try {
        return await held.readIndex()
      } catch (error) {
        // It was damaged on disk and has been forgotten, so now it is fetched.
        if (!(error instanceof DamagedPieceError)) throw error
      }
    }
  }

  async range(offsetBytes: number, sizeBytes: number): Promise<void> {
    const { first, end } = this.#pieces(offsetBytes, sizeBytes)
    await this.#bring('data', first, end)
    await this.#live.held.lineage.sync()
  }

  async *read(offsetBytes: number, sizeBytes: number): AsyncIterable<Uint8Array> {
    const { first, end } = this.#pieces(offsetBytes, sizeBytes)
    for (let piece = first; piece < end; piece += 1) {
      yield await this.#live.held.read(piece, 0, pieceLengthBytes)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#released ??= this.#dispose()
    await this.#released
  }

  blockCame(piece: number, offsetBytes: number, sizeBytes: number): void {
    this.#downloadedBytes += sizeBytes
    if (offsetBytes % blockBytes !== 0) return
    for (const wait of this.#waits) {
      const block = `${piece}/${offsetBytes}`
      if (!wait.remaining.has(piece) || wait.blocks.has(block)) continue
      wait.blocks.add(block)
      wait.lastBlockAt = performance.now()
    }
  }

  pieceCame(piece: number): void {
    for (const wait of this.#waits) {
      if (!wait.remaining.delete(piece)) continue
      for (let offset = 0; offset < pieceLengthBytes; offset += blockBytes) wait.blocks.delete(`${piece}/${offset}`)
      wait.lastBlockAt = wait.lastPieceAt = performance.now()
      this.#request.onProgress?.({
        downloadedBytes: this.#downloadedBytes,
        wantedBytes: this.#wantedBytes,
        peers: this.#live.peers,
      })
      if (wait.remaining.size === 0) wait.done()
    }
  }

  stopped(cause: unknown): void {
    if (this.#stoppedBy) return
    const { communityId } = this.#request
    this.#stoppedBy = cause instanceof DiskError ? cause : new FetchAbortedError(communityId, this.infoHash, { cause })
    for (const wait of this.#waits) wait.done(this.#stoppedBy)
  }

  async #dispose(): Promise<void> {
    this.stopped(new Error('the fetch was disposed of'))
    this.#signal.removeEventListener('abort', this.#abort)
    this.#live.detach(this)
    await this.#release()
  }

  #pieces(offsetBytes: number, sizeBytes: number): { first: number; end: number } {
    const first = offsetBytes / pieceLengthBytes
    const end = (offsetBytes + sizeBytes) / pieceLengthBytes
    const ok = Number.isSafeInteger(first) && Number.isSafeInteger(end) && first >= 0 && first < end
    if (ok && offsetBytes + sizeBytes <= this.dataBytes) return { first, end }
    const { communityId } = this.#request
    const reason = `must be a range of whole pieces of ${pieceLengthBytes} in data of ${this.dataBytes} bytes`
    throw new ArchiveRangeError(communityId, this.infoHash, offsetBytes, sizeBytes, reason)
  }

  /** Until the pieces of [first, end) are here; again where one is found damaged meanwhile. */
  async #bring(step: FetchStep, first: number, end: number): Promise<void> {
    const { held } = this.#live
    for (;;) {
      if (this.#stoppedBy) throw this.#stoppedBy
      const missing = held.missing(first, end)
      if (missing.length === 0) return
      this.#wantedBytes += missing.reduce((sum, piece) => sum + pieceSizeBytes(held.info, piece), 0)
      this.#live.want(missing)
      try {
        await this.#arrival(step, missing)
      } finally {
        this.#live.unwant(missing)
      }
    }
  }

  async #arrival(step: FetchStep, missing: readonly number[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const now = performance.now()
    const wait: Wait = {
      step,
      remaining: new Set(missing),
      blocks: new Set(),
      lastBlockAt: now,
      lastPieceAt: now,
      done: (error) => (error ? reject(error) : resolve()),
    }
    this.#waits.add(wait)
    let askedTrackersAt = now
    const interval = Math.min(tickMilliseconds, this.#request.limits.stallSeconds * 250)
    const tick = setInterval(() => {
      const now = performance.now()
      this.#checkStall(wait, now)
      if (now - wait.lastBlockAt < interval) return
      const askTrackers = now - askedTrackersAt >= askTrackersMilliseconds
      if (askTrackers) askedTrackersAt = now
      this.#live.nudge(askTrackers)
    }, interval)
    try {
      await promise
    } finally {
      clearInterval(tick)
      this.#waits.delete(wait)
    }
  }

  #checkStall(wait: Wait, now: number): void {
    const { communityId, limits } = this.#request
    const bound = limits.stallSeconds * 1000
    const sinceBlock = now - wait.lastBlockAt
    const sincePiece = now - wait.lastPieceAt
    if (sinceBlock < bound && sincePiece < bound * pieceStallFactor) return
    wait.done(
      new FetchStalledError({
        communityId,
        infoHash: this.infoHash,
        step: wait.step,
        peers: this.#live.peers,
        downloadedBytes: this.#downloadedBytes,
        waitedSeconds: limits.stallSeconds * (sinceBlock < bound ? pieceStallFactor : 1),
      }),
    )
  }
}
