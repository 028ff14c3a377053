import type { CommunityHealth } from '@annals/proto/api/v1'
import { systemClock } from '@annals/service'

export interface HealthSnapshot {
  /** The ones first that need somebody most. */
  readonly rows: readonly CommunityHealth[]
  /** Unix seconds of the machine's clock. */
  readonly asOf: number
}

/** A snapshot serves for so long at least, and for so many times as long as it took to make. */
const freshMilliseconds = 2_000
const timesItsCost = 5

/**
 * How all communities are, looked up at most as often as is good: ten people who look, or a page that turns over, cost one
 * look. Whoever asks gets one that is fresh, and waits for it together with the others.
 */
export class HealthBoard {
  readonly #collect: () => Promise<CommunityHealth[]>
  #making: Promise<HealthSnapshot> | undefined
  #made: { readonly snapshot: HealthSnapshot; readonly freshUntilMilliseconds: number } | undefined

  constructor(collect: () => Promise<CommunityHealth[]>) {
    this.#collect = collect
  }

  async get(): Promise<HealthSnapshot> {
    if (this.#made !== undefined && performance.now() < this.#made.freshUntilMilliseconds) return this.#made.snapshot
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  async #make(): Promise<HealthSnapshot> {
    const before = performance.now()
    const snapshot = { asOf: systemClock.nowSeconds(), rows: await this.#collect() }
    const now = performance.now()
    const freshMillisecondsNow = Math.max(freshMilliseconds, timesItsCost * (now - before))
    this.#made = { snapshot, freshUntilMilliseconds: now + freshMillisecondsNow }
    return snapshot
  }
}
