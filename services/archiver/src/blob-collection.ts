import type { ServiceContext } from '@annals/service'
import { collectBlobs, pause, systemClock } from '@annals/service'
import { chores, putUnlessChanged } from '@annals/storage'

const chore = 'collect-blobs'
const daySeconds = 86_400

/** Looks so often whether it is time. */
const lookMilliseconds = 60_000

/** For which a collection is nobody else's. Two at once would do no harm. */
const leaseSeconds = 3_600

/** Deletes blobs that nothing refers to, once a day, in one of the archivers' processes. What fails is tried again. */
export class BlobCollection implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>

  constructor(context: ServiceContext) {
    this.#context = context
    this.#loop = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await collectWhenDue(this.#context, systemClock.nowSeconds())
      } catch (error) {
        this.#context.log.warn({ err: error }, 'unused blobs could not be collected; trying again')
      }
      await pause(lookMilliseconds, signal)
    }
  }
}

/** @param now Unix seconds of the machine's clock: the age of blobs is reckoned by it. @returns whether it was time */
export async function collectWhenDue(context: ServiceContext, now: number): Promise<boolean> {
  const rows = context.state.collection(chores)
  if ((await rows.get(chore)) === undefined)
    await putUnlessChanged(rows, { id: chore, version: 0 }, { dueAt: now + daySeconds })
  const row = await rows.claimDue({ owner: context.instance, now, leaseSeconds })
  if (row === undefined) return false
  context.log.info(await collectBlobs(context), 'blobs that nothing refers to are deleted')
  await rows.put(row.id, { dueAt: now + daySeconds }, row.version)
  return true
}
