import type { WebSeed } from '@annals/torrents/browser'
import { FetchStalledError, ReaderClosedError, type FetchStep } from '../errors.ts'
import type { TorrentPieces } from '../pieces/torrent-pieces.ts'
import type { Swarm } from './swarm-client.ts'
import { WebSeedWorker } from './web-seed-worker.ts'

export interface PieceFetcherOptions {
  readonly pieces: TorrentPieces
  /** `undefined` where there are no peers to be had. */
  readonly swarm: Swarm | undefined
  readonly webSeeds: readonly WebSeed[]
  /** Without a new piece, until a fetch gives up. */
  readonly stallSeconds: number
  /** A web seed is asked only after peers gave nothing for so long: it is its host's burden alone. */
  readonly peersFirstSeconds: number
  readonly onRefused: (piece: number, webSeed: WebSeed) => void
  readonly onProblem: (webSeed: WebSeed, error: Error) => void
}

export interface BringOptions {
  readonly step: FetchStep
  readonly signal?: AbortSignal | undefined
  /** Called for each piece that came. */
  readonly onPiece?: ((piece: number) => void) | undefined
}

interface Wait {
  readonly remaining: Set<number>
  readonly onPiece: ((piece: number) => void) | undefined
  lastPieceAt: number
  done(error?: unknown): void
}

const tickMilliseconds = 250
/** So many times as long as peers have for a block they have for a piece: what they send may be of no use. */
const pieceFactor = 4

/** Brings pieces that are wanted from peers and web seeds, and no others. */
export class PieceFetcher implements AsyncDisposable {
  readonly #options: PieceFetcherOptions
  readonly #waits = new Set<Wait>()
  readonly #workers: readonly WebSeedWorker[]
  readonly #claimed = new Set<number>()
  readonly #stopListening: () => void
  readonly #closed = new AbortController()
  #lastPeerBlockAt: number
  #ticker: ReturnType<typeof setInterval> | undefined

  constructor(options: PieceFetcherOptions) {
    this.#options = options
    const { pieces, onRefused, onProblem } = options
    this.#lastPeerBlockAt = performance.now()
    this.#workers = options.webSeeds.map(
      (webSeed) =>
        new WebSeedWorker({
          webSeed,
          pieces,
          claimed: this.#claimed,
          wanted: () => (this.#peersAreSlow() ? this.#wanted() : []),
          signal: this.#closed.signal,
          onRefused: (piece) => {
            onRefused(piece, webSeed)
            this.#update()
          },
          onProblem: (error) => onProblem(webSeed, error),
          onClaims: () => this.#askPeers(),
        }),
    )
    this.#stopListening = pieces.listen({ came: (piece) => this.#came(piece), gone: () => this.#update() })
  }

  /** To be told of each block that a peer sent. */
  peerBlockCame(): void {
    this.#lastPeerBlockAt = performance.now()
  }

  /** To be told that a peer sent an altered piece: web seeds are asked without waiting for another peer. */
  peerLied(): void {
    this.#lastPeerBlockAt = -Infinity
    this.#update()
  }

  /**
   * Until all of the pieces are here. What came stays where it fails.
   * @throws FetchStalledError, ReaderClosedError, the signal's reason
   */
  async bring(wanted: readonly number[], options: BringOptions): Promise<void> {
    const { signal, onPiece, step } = options
    signal?.throwIfAborted()
    const missing = this.#options.pieces.missing(wanted)
    if (missing.length === 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const wait: Wait = {
      remaining: new Set(missing),
      onPiece,
      lastPieceAt: performance.now(),
      done: (error) => (error === undefined ? resolve() : reject(error)),
    }
    const stop = (): void => wait.done(signal?.reason)
    const close = (): void => wait.done(new ReaderClosedError())
    signal?.addEventListener('abort', stop)
    this.#closed.signal.addEventListener('abort', close)
    if (this.#closed.signal.aborted) close()
    const stall = setInterval(() => this.#checkStall(wait, step), tickMilliseconds)
    if (this.#waits.size === 0) this.#lastPeerBlockAt = performance.now()
    this.#waits.add(wait)
    this.#update()
    try {
      await promise
    } finally {
      clearInterval(stall)
      this.#waits.delete(wait)
      signal?.removeEventListener('abort', stop)
      this.#closed.signal.removeEventListener('abort', close)
      this.#update()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ReaderClosedError())
    this.#stopListening()
    clearInterval(this.#ticker)
    await Promise.all(this.#workers.map((worker) => worker.idle()))
  }

  #came(piece: number): void {
    for (const wait of this.#waits) {
      if (!wait.remaining.delete(piece)) continue
      wait.lastPieceAt = performance.now()
      wait.onPiece?.(piece)
      if (wait.remaining.size === 0) wait.done()
    }
    this.#askPeers()
  }

  /** What is missing, ascending. */
  #wanted(): number[] {
    return [...new Set([...this.#waits].flatMap(({ remaining }) => [...remaining]))].sort((a, b) => a - b)
  }

  #peersAreSlow(): boolean {
    const { swarm, peersFirstSeconds } = this.#options
    if (swarm === undefined) return true
    const now = performance.now()
    const patienceMilliseconds = peersFirstSeconds * 1000
    return (
      now - this.#lastPeerBlockAt >= patienceMilliseconds ||
      [...this.#waits].some(({ lastPieceAt }) => now - lastPieceAt >= patienceMilliseconds * pieceFactor)
    )
  }

  /** Sets everybody to work, or at rest. */
  #update(): void {
    this.#askPeers()
    for (const worker of this.#workers) worker.wake()
    if (this.#waits.size === 0 || this.#closed.signal.aborted) {
      clearInterval(this.#ticker)
      this.#ticker = undefined
    } else {
      // Peers that fall silent are noticed by the clock alone.
      this.#ticker ??= setInterval(() => {
        for (const worker of this.#workers) worker.wake()
      }, tickMilliseconds)
    }
  }

  #askPeers(): void {
    this.#options.swarm?.want(this.#wanted().filter((piece) => !this.#claimed.has(piece)))
  }

  #checkStall(wait: Wait, step: FetchStep): void {
    const { pieces, swarm, stallSeconds } = this.#options
    const waitedSeconds = (performance.now() - wait.lastPieceAt) / 1000
    const isHopeless =
      swarm === undefined &&
      [...wait.remaining].some((piece) => this.#workers.every((worker) => !worker.mayHave(piece)))
    if (waitedSeconds < stallSeconds && !isHopeless) return
    wait.done(
      new FetchStalledError({
        infoHash: pieces.info.infoHash,
        step,
        waitedSeconds: Math.round(waitedSeconds),
        peers: swarm?.peers ?? 0,
        webSeedProblems: this.#workers.flatMap(({ problem }) => problem ?? []),
      }),
    )
  }
}
