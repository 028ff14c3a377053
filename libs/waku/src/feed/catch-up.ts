import { isWakuNodeError, StoresUnavailableError } from '../errors.ts'
import { backoffMilliseconds } from '../patiently.ts'
import { pauseFor } from '../pause.ts'
import { queryStores } from '../store/query-stores.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { WakuNode } from '../waku-node.ts'
import type { Listener } from './listeners.ts'
import { Waiter } from './waiter.ts'
import type { WakuLog } from './waku-log.ts'

export interface CatchUpOptions {
  readonly stores: readonly WakuNode[]
  readonly beatMilliseconds: number
  /** How far before the last time it is looked for what came late. */
  readonly overlapMilliseconds: number
  readonly listeners: () => readonly Listener[]
  readonly onMessage: (message: CarriedMessage) => void
  readonly now: () => number
  readonly log: WakuLog
  readonly signal: AbortSignal
}

const leastMilliseconds = 500
const longestWaitMilliseconds = 60_000
const storeLimitMilliseconds = 60_000
const patienceMilliseconds = 5_000

/**
 * Asks the stores for what the relays did not bring: on a beat, since a relay with dead links says nothing, and at once
 * where something was missed for certain.
 */
export class CatchUp {
  readonly #options: CatchUpOptions
  readonly #waiter = new Waiter()
  #failed = 0

  constructor(options: CatchUpOptions) {
    this.#options = options
  }

  /** Asks soon. */
  want(): void {
    this.#waiter.wake()
  }

  /** Until the signal aborts. */
  async run(): Promise<void> {
    const { signal, beatMilliseconds } = this.#options
    while (!signal.aborted) {
      // A failure is waited out also where somebody wants it at once.
      if (this.#failed === 0) await this.#waiter.wait(beatMilliseconds, signal)
      else await pauseFor(backoffMilliseconds(this.#failed, longestWaitMilliseconds), signal)
      if (!signal.aborted) await this.#round()
      // Several things that were missed at once are asked for at once.
      await pauseFor(leastMilliseconds, signal)
    }
  }

  async #round(): Promise<void> {
    const { stores, listeners, onMessage, now, overlapMilliseconds, signal, log } = this.#options
    const began = now()
    const behind = listeners().filter(({ completeUntilMilliseconds: until }) => until !== undefined)
    if (behind.length === 0) return
    const from = Math.min(...behind.map(({ completeUntilMilliseconds: until }) => until ?? began)) - overlapMilliseconds
    const topics = behind.map(({ topic }) => topic)
    const fromNanoseconds = BigInt(Math.floor(Math.max(from, 0))) * 1_000_000n
    const query = { stores, topics, fromNanoseconds, signal, storeLimitMilliseconds, patienceMilliseconds }
    try {
      for await (const { messages } of queryStores(query)) for (const message of messages) onMessage(message)
      for (const listener of behind) listener.completeUntilMilliseconds = began
      this.#failed = 0
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof StoresUnavailableError) && !isWakuNodeError(error)) throw error
      if (this.#failed === 0) log.warn({ error }, 'no store could be asked for what was missed')
      this.#failed += 1
    }
  }
}
