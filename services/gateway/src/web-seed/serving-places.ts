import { SeedBusyError } from './seed-errors.ts'

export interface PlaceLimits {
  /** Files that are sent at once. */
  readonly places: number
  /** The same to one address. */
  readonly placesOfAddress: number
  /** Requests that wait for a place. */
  readonly waiting: number
  /** How long one waits at most. */
  readonly waitMilliseconds: number
}

interface Waiting {
  readonly address: string
  readonly enter: () => void
}

/** Lets so many be served at once that memory stays within bounds, and nobody takes all places; the others wait in order. */
export class ServingPlaces {
  readonly #limits: PlaceLimits
  readonly #byAddress = new Map<string, number>()
  readonly #waiting = new Set<Waiting>()
  #taken = 0

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Resolves with a place, to be disposed of once.
   * @throws SeedBusyError where too many wait, or it takes too long; the signal's reason
   */
  async take(address: string, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted()
    if (!this.#isFree(address)) await this.#wait(address, signal)
    else this.#enter(address)
    return { [Symbol.dispose]: () => this.#leave(address) }
  }

  async #wait(address: string, signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#limits.waiting) throw new SeedBusyError()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { address, enter: resolve }
    const abort = (): void => reject(signal.reason as Error)
    const timer = setTimeout(() => reject(new SeedBusyError()), this.#limits.waitMilliseconds)
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting.add(waiting)
    try {
      await promise
    } catch (error) {
      // Let in at the same moment: the place goes on to the next one.
      if (!this.#waiting.delete(waiting)) this.#leave(address)
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  #isFree(address: string): boolean {
    const { places, placesOfAddress } = this.#limits
    return this.#taken < places && (this.#byAddress.get(address) ?? 0) < placesOfAddress
  }

  #enter(address: string): void {
    this.#taken += 1
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
  }

  #leave(address: string): void {
    const others = (this.#byAddress.get(address) ?? 0) - 1
    this.#taken -= 1
    if (others > 0) this.#byAddress.set(address, others)
    else this.#byAddress.delete(address)
    for (const waiting of this.#waiting) {
      if (!this.#isFree(waiting.address)) continue
      this.#waiting.delete(waiting)
      this.#enter(waiting.address)
      waiting.enter()
      return
    }
  }
}
