import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import type { Download, Versioned } from '@annals/storage'
import { pause, systemClock } from '@annals/service'
import { VersionConflictError, downloads } from '@annals/storage'
import { fetchArchives } from './fetch-archives.ts'
import { isLasting } from './errors.ts'

const concurrency = 4
const leaseSeconds = 60
const pollMilliseconds = 1_000
const retrySeconds = [2, 5, 15, 60, 300]

interface Running {
  readonly stop: AbortController
  done: Promise<void>
}

/**
 * Works off the downloads that are wanted: claims those that are due, a few at a time, and tries those that fail again
 * later, for ever, since a seeder may be away for days. A newer announcement takes the place of what is under way.
 */
export class DownloadWorker implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #owner = randomUUID()
  readonly #running = new Map<string, Running>()
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #awake = new AbortController()

  constructor(context: ServiceContext) {
    this.#context = context
    this.#loop = this.#work()
  }

  /** Looks for due downloads now rather than at the next turn. */
  wake(): void {
    this.#awake.abort()
  }

  /** Stops what is under way for a community, waits for it, and looks for what is wanted now. */
  async replace(communityId: string): Promise<void> {
    await this.cancel(communityId)
    this.wake()
  }

  /** Stops what is under way for a community and waits for it; what was checked and imported is kept. */
  async cancel(communityId: string): Promise<void> {
    const running = this.#running.get(communityId)
    running?.stop.abort()
    await running?.done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.wake()
    await this.#loop
    await Promise.all([...this.#running.keys()].map((communityId) => this.cancel(communityId)))
  }

  async #work(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#awake = new AbortController()
      try {
        while (this.#running.size < concurrency && (await this.#claimOne()));
      } catch (error) {
        this.#context.log.error({ err: error }, 'looking for due downloads failed; trying again')
      }
      await pause(pollMilliseconds, AbortSignal.any([this.#awake.signal, this.#stop.signal]))
    }
  }

  async #claimOne(): Promise<boolean> {
    const rows = this.#context.state.collection(downloads)
    const row = await rows.claimDue({ owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds })
    if (row === undefined) return false
    const stop = new AbortController()
    const running: Running = { stop, done: Promise.resolve() }
    this.#running.set(row.id, running)
    running.done = this.#run(row, AbortSignal.any([stop.signal, this.#stop.signal])).finally(() => {
      this.#running.delete(row.id)
      this.wake()
    })
    return true
  }

  async #run(row: Versioned<Download>, signal: AbortSignal): Promise<void> {
    const { wanted } = row.value
    const lost = new AbortController()
    const renewal = setInterval(
      () => {
        void this.#renew(row, lost)
      },
      (leaseSeconds * 1000) / 3,
    )
    let outcome: Download
    try {
      if (wanted === undefined) return
      await fetchArchives(this.#context, row.id, wanted, AbortSignal.any([signal, lost.signal]))
      outcome = { done: wanted, tries: 0 }
    } catch (error) {
      outcome = this.#afterFailure(row, error, signal.aborted)
    } finally {
      clearInterval(renewal)
    }
    try {
      await this.#context.state.collection(downloads).put(row.id, outcome, row.version)
    } catch (error) {
      if (!(error instanceof VersionConflictError))
        this.#context.log.error({ err: error }, 'the outcome of a download is lost')
    }
  }

  #afterFailure(row: Versioned<Download>, error: unknown, stopped: boolean): Download {
    const now = systemClock.nowSeconds()
    if (stopped) return { ...row.value, dueAt: now }
    const tries = row.value.tries + 1
    const lastError = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const { dueAt: _, ...rest } = row.value
    if (isLasting(error)) {
      this.#context.log.error(
        { err: error, communityId: row.id },
        'what was announced cannot be used; waiting for the next announcement',
      )
      return { ...rest, tries, lastError }
    }
    const inSeconds = retrySeconds[Math.min(tries, retrySeconds.length) - 1] ?? 300
    this.#context.log.warn({ err: error, communityId: row.id, tries, inSeconds }, 'a download failed; it goes on later')
    return { ...rest, tries, lastError, dueAt: now + inSeconds }
  }

  async #renew(row: Versioned<Download>, lost: AbortController): Promise<void> {
    try {
      await this.#context.state
        .collection(downloads)
        .extendClaim(row, { owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds })
    } catch (error) {
      // Somebody else has it, or a newer announcement: what this one would still do, they do.
      if (error instanceof VersionConflictError) lost.abort(error)
      else this.#context.log.warn({ err: error }, 'a claim could not be extended')
    }
  }
}
