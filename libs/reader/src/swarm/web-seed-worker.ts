import type { WebSeed } from '@annals/torrents/browser'
import type { TorrentPieces } from '../pieces/torrent-pieces.ts'

/** Pieces of one request: 1.6 MB. */
const maxRunPieces = 16
/** A web seed with so many altered pieces is asked for nothing any more. */
const maxRefused = 3
const firstRetryMilliseconds = 1_000
const lastRetryMilliseconds = 30_000

export interface WebSeedWorkerOptions {
  readonly webSeed: WebSeed
  readonly pieces: TorrentPieces
  /** Pieces that some web seed is fetching; shared by all workers. */
  readonly claimed: Set<number>
  /** What is to be fetched now, ascending; nothing while peers do well. */
  readonly wanted: () => readonly number[]
  readonly signal: AbortSignal
  readonly onRefused: (piece: number) => void
  readonly onProblem: (error: Error) => void
  readonly onClaims: () => void
}

/** Fetches from one web seed, run by run, one at a time. */
export class WebSeedWorker {
  readonly #options: WebSeedWorkerOptions
  readonly #refused = new Set<number>()
  #working: Promise<void> | undefined
  #failures = 0
  #restsUntil = 0
  #problem: string | undefined

  constructor(options: WebSeedWorkerOptions) {
    this.#options = options
  }

  /** What went wrong last. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Whether it is worth asking: it was never caught altering the piece, nor too often altering others. */
  mayHave(piece: number): boolean {
    return this.#refused.size < maxRefused && !this.#refused.has(piece)
  }

  /** To be called whenever there may be something to do. */
  wake(): void {
    if (this.#working !== undefined || performance.now() < this.#restsUntil) return
    this.#working = this.#work().finally(() => {
      this.#working = undefined
    })
  }

  async idle(): Promise<void> {
    await this.#working
  }

  async #work(): Promise<void> {
    const { claimed, onClaims, signal } = this.#options
    for (;;) {
      const run = signal.aborted ? [] : this.#nextRun()
      if (run.length === 0) return
      for (const piece of run) claimed.add(piece)
      onClaims()
      try {
        await this.#fetch(run)
      } finally {
        for (const piece of run) claimed.delete(piece)
        onClaims()
      }
      if (performance.now() < this.#restsUntil) return
    }
  }

  /** Wanted pieces that follow each other in one of the two files. */
  #nextRun(): number[] {
    const { pieces, claimed, wanted } = this.#options
    const run: number[] = []
    for (const piece of wanted()) {
      if (claimed.has(piece) || !this.mayHave(piece)) {
        if (run.length > 0) break
        continue
      }
      const before = run.at(-1)
      if (before !== undefined && (piece !== before + 1 || piece === pieces.info.dataPieces)) break
      if (run.push(piece) === maxRunPieces) break
    }
    return run
  }

  async #fetch(run: readonly number[]): Promise<void> {
    const { webSeed, pieces, signal, onProblem } = this.#options
    try {
      await webSeed.fetchPieces(
        pieces.info,
        [run[0]!, run.at(-1)!],
        async (piece, bytes) => {
          if (!(await pieces.take(piece, bytes))) this.#refuse(piece)
        },
        signal,
      )
      this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      const problem = error instanceof Error ? error : new Error(String(error))
      this.#problem = problem.message
      this.#restsUntil =
        performance.now() + Math.min(firstRetryMilliseconds * 2 ** this.#failures, lastRetryMilliseconds)
      this.#failures += 1
      onProblem(problem)
    }
  }

  #refuse(piece: number): void {
    this.#refused.add(piece)
    this.#problem = `${this.#options.webSeed.url}: it sends altered pieces`
    this.#options.onRefused(piece)
  }
}
