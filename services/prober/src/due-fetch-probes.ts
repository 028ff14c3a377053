import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import { DueWork, pollMilliseconds, systemClock } from '@annals/service'
import type { FetchProbe, Versioned } from '@annals/storage'
import { fetchProbes } from '@annals/storage'
import type { Stranger } from '@annals/torrents'
import { leaseSecondsOf } from './patience.ts'
import { probeArchives } from './probe-archives.ts'

/** Looks at once. One that finds nobody takes all its patience, so the others go on beside it. */
const atOnce = 4

/** Looks on a beat whether strangers can fetch what was announced. Probers share the work by claims. */
export class DueFetchProbes implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #stranger: Stranger
  readonly #owner = randomUUID()
  readonly #looks = new Set<Promise<void>>()
  readonly #work: DueWork

  constructor(context: ServiceContext, stranger: Stranger) {
    this.#context = context
    this.#stranger = stranger
    this.#work = new DueWork(context.log, {
      goOn: (signal) => this.#goOn(signal),
      failure: 'looking as a stranger for what is due failed; trying again',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work[Symbol.asyncDispose]()
    await Promise.all(this.#looks)
  }

  /** Begins with what is due, as far as there is room. @returns how long to wait */
  async #goOn(signal: AbortSignal): Promise<number> {
    const rows = this.#context.state.collection(fetchProbes)
    const leaseSeconds = leaseSecondsOf(this.#context.config)
    while (!signal.aborted) {
      const claim = { owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds }
      for (const row of await rows.claimDueMany(claim, atOnce - this.#looks.size)) this.#begin(row, signal)
      if (this.#looks.size < atOnce) break
      await Promise.race(this.#looks)
    }
    return pollMilliseconds
  }

  #begin(row: Versioned<FetchProbe>, signal: AbortSignal): void {
    const looking = this.#probe(row, signal).finally(() => this.#looks.delete(looking))
    this.#looks.add(looking)
  }

  /** What fails stays claimed until its lease runs out, so that it is not tried again without end. */
  async #probe(row: Versioned<FetchProbe>, signal: AbortSignal): Promise<void> {
    try {
      await probeArchives(this.#context, this.#stranger, row, signal)
    } catch (error) {
      this.#context.log.error({ err: error, communityId: row.id }, 'looking as a stranger failed; it goes on later')
    }
  }
}
