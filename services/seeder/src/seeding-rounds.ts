import type { ServiceContext, Share } from '@annals/service'
import { mapConcurrently, pause } from '@annals/service'
import { KeyedMutex } from '@annals/torrents'
import { reconcileSeeding } from './reconcile-seeding.ts'

/** Communities that are taken up at once. */
const concurrency = 8

const firstRetryMilliseconds = 1_000
const longestRetryMilliseconds = 60_000

/** A community that is another's now may come back soon, as when a seeder is started again. */
const keepMilliseconds = 3_600_000

/**
 * Goes through all communities when the service starts and whenever a seeder comes or goes, and again through those that
 * could not be brought to what they should be.
 */
export class SeedingRounds implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #share: Share | undefined
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #mutex = new KeyedMutex()
  readonly #open = new Set<string>()
  /** When a community was seen to be another's, by this process's monotonic clock. */
  readonly #lost = new Map<string, number>()
  #loop: Promise<void> | undefined
  readonly #first = Promise.withResolvers<void>()
  #awake = new AbortController()
  #wanted = true
  #retryMilliseconds = firstRetryMilliseconds

  constructor(context: ServiceContext, share: Share | undefined, signal: AbortSignal) {
    this.#context = context
    this.#share = share
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
  }

  /** Begins; resolves when every community was looked at once, however long the list of them cannot be had. */
  begin(): Promise<void> {
    this.#loop ??= this.#run()
    return this.#first.promise
  }

  /** Goes through all communities again, soon. */
  again(): void {
    this.#wanted = true
    this.#awake.abort()
  }

  /** Brings one community to what it should be, now; where it is still to be handed over, that is gone on with. */
  reconcile(communityId: string): Promise<void> {
    return this.#mutex.run(communityId, async () => {
      const settled = await reconcileSeeding(this.#context, communityId, this.#share)
      if (settled) this.#open.delete(communityId)
      else if (!this.#open.has(communityId)) this.#openAgain(communityId)
      if (this.#share === undefined || this.#share.isMine(communityId)) this.#lost.delete(communityId)
      else if (!this.#lost.has(communityId)) this.#lost.set(communityId, performance.now())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  #openAgain(communityId: string): void {
    this.#open.add(communityId)
    this.#retryMilliseconds = firstRetryMilliseconds
    this.#awake.abort()
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#awake = new AbortController()
      if (this.#wanted) {
        this.#wanted = false
        this.#retryMilliseconds = firstRetryMilliseconds
        if (await this.#round(this.#communities())) this.#first.resolve()
      } else {
        await this.#round(Array.from(this.#open))
        this.#retryMilliseconds = Math.min(this.#retryMilliseconds * 2, longestRetryMilliseconds)
      }
      await this.#forgetLost()
      await pause(this.#retryMilliseconds, AbortSignal.any([this.#signal, this.#awake.signal]))
    }
    this.#first.resolve()
  }

  async *#communities(): AsyncIterable<string> {
    for await (const { communityId } of this.#context.registry.list()) yield communityId
  }

  /** @returns whether it came to the end of the list */
  async #round(communities: AsyncIterable<string> | readonly string[]): Promise<boolean> {
    const { log } = this.#context
    try {
      await mapConcurrently(communities, concurrency, this.#signal, async (communityId) => {
        try {
          await this.reconcile(communityId)
        } catch (error) {
          this.#open.add(communityId)
          log.error({ err: error, communityId }, 'the community cannot be seeded; trying again')
        }
      })
      return true
    } catch (error) {
      this.#wanted = true
      log.error({ err: error }, 'the communities cannot be listed; trying again')
      return false
    }
  }

  async #forgetLost(): Promise<void> {
    for (const [communityId, lostAt] of this.#lost) {
      if (performance.now() - lostAt < keepMilliseconds) continue
      if (this.#share?.isMine(communityId) !== false || this.#open.has(communityId)) continue
      try {
        await this.#context.torrents.deleteCommunity(communityId)
        // Were it looked at again, nothing would be found.
        this.#lost.set(communityId, Infinity)
      } catch (error) {
        this.#context.log.warn({ err: error, communityId }, 'the files of a community cannot be deleted; trying again')
      }
    }
  }
}
