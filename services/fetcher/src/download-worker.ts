import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import type { Claim, Download, Versioned } from '@annals/storage'
import { pause, secondsSince, systemClock } from '@annals/service'
import { VersionConflictError, downloads, putUnlessChanged } from '@annals/storage'
import { wantedKeyText } from '@annals/keys'
import { isLasting } from './errors.ts'
import { fetchArchives } from './fetch-archives.ts'
import { forgetAbandoned } from './forget-abandoned.ts'
import { isFollowed } from './is-followed.ts'
import { parkDownload } from './park-download.ts'
import { resumeWaiting } from './resume-waiting.ts'
import { importWaiting } from './waiting-archives.ts'

const concurrency = 4
const pollMilliseconds = 1_000
const retrySeconds = [2, 5, 15, 60, 300]

interface Running {
  readonly stop: AbortController
  done: Promise<void>
}

/**
 * Works off the downloads that are wanted: claims those that are due, a few at a time, and tries those that fail again
 * later, for ever, since a seeder may be away for days. A newer announcement takes the place of what is under way. What
 * is due of a community whose archiving is off is put aside until it is on, and what cannot be read until its key comes.
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
        while (!this.#stop.signal.aborted && this.#running.size < concurrency && (await this.#claimOne()));
      } catch (error) {
        this.#context.log.error({ err: error }, 'looking for due downloads failed; trying again')
      }
      await pause(pollMilliseconds, AbortSignal.any([this.#awake.signal, this.#stop.signal]))
    }
  }

  /** Held no longer than a process that died may hold up what it was at. */
  #claim(): Claim {
    return { owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds: this.#context.config.takeOverSeconds }
  }

  async #claimOne(): Promise<boolean> {
    const rows = this.#context.state.collection(downloads)
    const row = await rows.claimDue(this.#claim())
    if (row === undefined) return false
    const stop = new AbortController()
    // Of a community that has something under way, the claim means that something newer took its place.
    const before = this.#running.get(row.id)
    const running: Running = {
      stop,
      done: this.#runAfter(before, row, AbortSignal.any([stop.signal, this.#stop.signal])),
    }
    this.#running.set(row.id, running)
    running.done = running.done.finally(() => {
      if (this.#running.get(row.id) === running) this.#running.delete(row.id)
      this.wake()
    })
    return true
  }

  /** Never rejects. */
  async #runAfter(before: Running | undefined, row: Versioned<Download>, signal: AbortSignal): Promise<void> {
    before?.stop.abort()
    await before?.done
    try {
      await this.#run(row, signal)
    } catch (error) {
      // The claim stays until its lease runs out, so that this is not tried again without end.
      this.#context.log.error({ err: error, communityId: row.id }, 'the outcome of a download could not be kept')
    }
  }

  async #run(row: Versioned<Download>, signal: AbortSignal): Promise<void> {
    const lost = new AbortController()
    const renewal = setInterval(
      () => {
        void this.#renew(row, lost)
      },
      (this.#context.config.takeOverSeconds * 1000) / 3,
    )
    let outcome: Download
    try {
      if (!isFollowed(await this.#context.registry.get(row.id))) return await parkDownload(this.#context, row)
      outcome = await this.#bringTraced(row, AbortSignal.any([signal, lost.signal]))
    } catch (error) {
      outcome = this.#afterFailure(row, error, signal.aborted)
    } finally {
      clearInterval(renewal)
    }
    if (!(await putUnlessChanged(this.#context.state.collection(downloads), row, outcome))) {
      const { wanted } = row.value
      if (wanted !== undefined) await forgetAbandoned(this.#context, row.id, wanted.infoHash)
      return
    }
    // The key may have come between the look for it and the write: whoever brought it saw nothing that waits.
    if (outcome.waitsForKey !== undefined) await resumeWaiting(this.#context, row.id)
  }

  /** In the trace of the announcement, also where that was a process or a day ago. */
  #bringTraced(row: Versioned<Download>, signal: AbortSignal): Promise<Download> {
    const { wanted, traceparent, tries } = row.value
    return this.#context.tracing.span(
      {
        name: 'bring archives',
        parent: { traceparent },
        attributes: {
          'annals.community.id': row.id,
          'annals.download.tries': tries,
          ...(wanted && { 'annals.torrent.infohash': wanted.infoHash }),
        },
        // A newer announcement, and a stop, end it as they should.
        isFailure: () => !signal.aborted,
      },
      () => this.#bringMeasured(row, signal),
    )
  }

  async #bringMeasured(row: Versioned<Download>, signal: AbortSignal): Promise<Download> {
    const { metrics } = this.#context
    const start = performance.now()
    try {
      const outcome = await this.#bring(row, signal)
      const came = outcome.waitsForKey === undefined ? 'done' : 'waiting for a key'
      metrics.record('fetchDuration', secondsSince(start), { 'annals.fetch.outcome': came })
      return outcome
    } catch (error) {
      const came = signal.aborted ? 'stopped' : 'failed'
      const type = signal.aborted || !(error instanceof Error) ? {} : { 'error.type': error.name }
      metrics.record('fetchDuration', secondsSince(start), { 'annals.fetch.outcome': came, ...type })
      throw error
    }
  }

  /** First what waited for a key that is here now, then what is wanted; that may wait for a key itself. */
  async #bring({ id, value }: Versioned<Download>, signal: AbortSignal): Promise<Download> {
    await importWaiting(this.#context, id, signal)
    const { wanted, done, waitsForKey, traceparent } = value
    if (wanted === undefined) return { ...(done && { done }), tries: 0 }
    const stillWaits = waitsForKey !== undefined && !(await this.#context.keys.cipher.has(id, waitsForKey))
    const missing = stillWaits ? waitsForKey : await fetchArchives(this.#context, id, wanted, signal)
    if (missing === undefined) return { done: wanted, tries: 0 }
    this.#context.log.info(
      { communityId: id, infoHash: wanted.infoHash, key: wantedKeyText(missing) },
      'what was announced waits for the key of its index',
    )
    return { ...(done && { done }), wanted, tries: 0, waitsForKey: missing, ...(traceparent && { traceparent }) }
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
      await this.#context.state.collection(downloads).extendClaim(row, this.#claim())
    } catch (error) {
      // Somebody else has it, or a newer announcement: what this one would still do, they do.
      if (error instanceof VersionConflictError) lost.abort(error)
      else this.#context.log.warn({ err: error }, 'a claim could not be extended')
    }
  }
}
