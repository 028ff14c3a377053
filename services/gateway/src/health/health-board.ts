import { systemClock } from '@annals/service'
import type { HealthRow } from './collect-health.ts'

export interface HealthSnapshot {
  /** The ones first that need somebody most. */
  readonly rows: readonly HealthRow[]
  /** Unix seconds of the machine's clock. */
  readonly asOf: number
}

interface Made {
  readonly snapshot: HealthSnapshot
  readonly atMilliseconds: number
  /** How long it took. */
  readonly costMilliseconds: number
}

/** A snapshot serves for so long at least, and for so many times as long as it took to make. */
const freshMilliseconds = 2_000
const timesItsCost = 5
/** One that takes longer than this is waited for by nobody who can have an older one, down to this age. */
const longMilliseconds = 250
const staleMilliseconds = 60_000

/**
 * How all communities are, looked up at most as often as is good: ten people who look, or a page that turns over, cost one
 * look. Where a look is quick, whoever asks waits for a fresh one; of thousands of communities they get the last one, and a
 * newer one when they ask again.
 */
export class HealthBoard {
  readonly #collect: () => Promise<HealthRow[]>
  #making: Promise<Made> | undefined
  #made: Made | undefined

  constructor(collect: () => Promise<HealthRow[]>) {
    this.#collect = collect
  }

  async get(): Promise<HealthSnapshot> {
    const made = this.#made
    if (made === undefined) return (await this.#renew()).snapshot
    const ageMilliseconds = performance.now() - made.atMilliseconds
    if (ageMilliseconds < Math.max(freshMilliseconds, timesItsCost * made.costMilliseconds)) return made.snapshot
    const renewed = this.#renew()
    if (made.costMilliseconds < longMilliseconds || ageMilliseconds > staleMilliseconds) return (await renewed).snapshot
    // Whoever asks next hears of it where it fails again.
    renewed.catch(() => undefined)
    return made.snapshot
  }

  #renew(): Promise<Made> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  async #make(): Promise<Made> {
    const before = performance.now()
    const snapshot = { asOf: systemClock.nowSeconds(), rows: await this.#collect() }
    const now = performance.now()
    this.#made = { snapshot, atMilliseconds: now, costMilliseconds: now - before }
    return this.#made
  }
}
