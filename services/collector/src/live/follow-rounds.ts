import type { ServiceContext } from '@annals/service'
import { mapConcurrently, pause } from '@annals/service'
import type { LiveCollections } from './live-collections.ts'

/** Communities that are taken up at once. */
const concurrency = 8

const retryMilliseconds = 2_000

/** Goes through all communities when the service starts and whenever a collector comes or goes. */
export class FollowRounds implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #collections: LiveCollections
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  #running: Promise<void> | undefined
  #wanted = false

  constructor(context: ServiceContext, collections: LiveCollections, signal: AbortSignal) {
    this.#context = context
    this.#collections = collections
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
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
    while (this.#wanted && !this.#signal.aborted) {
      this.#wanted = false
      try {
        await mapConcurrently(this.#context.registry.list(), concurrency, this.#signal, ({ communityId }) =>
          this.#collections.follow(communityId),
        )
      } catch (error) {
        this.#context.log.error({ err: error }, 'communities cannot be followed; trying again')
        this.#wanted = true
        await pause(retryMilliseconds, this.#signal)
      }
    }
    this.#running = undefined
  }
}
