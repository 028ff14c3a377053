import type { ServiceContext } from './service.ts'
import { mapConcurrently } from './map-concurrently.ts'
import { pause } from './pause.ts'

/** Communities that are taken up at once. */
const concurrency = 8

const retryMilliseconds = 2_000

export interface FollowRoundsOptions {
  /** Takes one community up, or lets it go. */
  readonly follow: (communityId: string) => Promise<void>
  /** What the log says where that fails. */
  readonly failure: string
  readonly signal: AbortSignal
}

/** Goes through all communities when a service starts and whenever a process of it comes or goes. */
export class FollowRounds implements AsyncDisposable {
  readonly #context: Pick<ServiceContext, 'registry' | 'log'>
  readonly #options: FollowRoundsOptions
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  #running: Promise<void> | undefined
  #wanted = false

  constructor(context: Pick<ServiceContext, 'registry' | 'log'>, options: FollowRoundsOptions) {
    this.#context = context
    this.#options = options
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
  }

  /** Goes through all of them; what fails is logged and tried again. Resolves when none is left; never rejects. */
  async run(): Promise<void> {
    this.#wanted = true
    this.#running ??= this.#loop()
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #loop(): Promise<void> {
    const { follow, failure } = this.#options
    while (this.#wanted && !this.#signal.aborted) {
      this.#wanted = false
      try {
        await mapConcurrently(this.#context.registry.list(), concurrency, this.#signal, ({ communityId }) =>
          follow(communityId),
        )
      } catch (error) {
        this.#context.log.error({ err: error }, failure)
        this.#wanted = true
        await pause(retryMilliseconds, this.#signal)
      }
    }
    this.#running = undefined
  }
}
