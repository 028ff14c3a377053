/** Most that is asked for at once. */
const largestBatch = 256

/** So much work is fetched ahead, so that the handler need not wait for the network. */
const aheadMilliseconds = 20

/** Weight of the newest handling in the average. */
const newestShare = 0.2

/**
 * How many events to ask for. Few while handlers are slow, so that other processes find something to do; many while
 * they are fast; and more and more while all that comes belongs to communities that are being served already.
 */
export class PullPolicy {
  readonly #concurrency: number
  #averageMilliseconds: number | undefined
  #growth: number

  constructor(concurrency: number) {
    this.#concurrency = concurrency
    this.#growth = concurrency
  }

  handled(milliseconds: number): void {
    const before = this.#averageMilliseconds ?? milliseconds
    this.#averageMilliseconds = before + (milliseconds - before) * newestShare
  }

  /** 0 where what waits is enough. `room`: communities that could be served besides; `waiting`: events that wait. */
  batch(room: number, waiting: number): number {
    const ahead = this.#ahead()
    const forAhead = waiting <= ahead / 2 ? ahead - waiting : 0
    if (room === 0) {
      this.#growth = this.#concurrency
      return Math.min(forAhead, largestBatch)
    }
    const batch = Math.max(room, this.#growth, forAhead)
    return Math.min(batch, largestBatch)
  }

  /** A whole batch came. */
  filled(): void {
    this.#growth = Math.min(this.#growth * 2, largestBatch)
  }

  #ahead(): number {
    if (this.#averageMilliseconds === undefined) return 0
    const perMillisecond = this.#concurrency / Math.max(this.#averageMilliseconds, 0.01)
    return Math.min(largestBatch, Math.floor(perMillisecond * aheadMilliseconds))
  }
}
