import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import type { Dispatch, Versioned } from '@annals/storage'
import { pause, systemClock } from '@annals/service'
import { VersionConflictError, dispatches } from '@annals/storage'
import { dispatchMagnetLink } from './dispatch-magnet-link.ts'

const pollMilliseconds = 1_000
const leaseSeconds = 60

/** Goes on with announcements whose signature was waited for, for as long as it takes. */
export class SignatureWaits implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #owner = randomUUID()
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>

  constructor(context: ServiceContext) {
    this.#context = context
    this.#loop = this.#work()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        while (!signal.aborted && (await this.#goOn()));
      } catch (error) {
        this.#context.log.error({ err: error }, 'looking for announcements without signature failed; trying again')
      }
      await pause(pollMilliseconds, signal)
    }
  }

  /** Takes one announcement that is due. @returns whether there was one */
  async #goOn(): Promise<boolean> {
    const rows = this.#context.state.collection(dispatches)
    const row = await rows.claimDue({ owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds })
    if (row === undefined) return false
    try {
      if (await dispatchMagnetLink(this.#context, row.id)) await this.#forget(row)
    } catch (error) {
      // The claim stays until its lease runs out, so that this is not tried again without end.
      this.#context.log.error({ err: error, communityId: row.id }, 'an announcement failed; it goes on later')
    }
    return true
  }

  /**
   * Waits no longer for what went out, or is not to be announced now: archiving was switched off, or something newer comes.
   * Each of these has an event that takes it up again.
   */
  async #forget({ id, version }: Versioned<Dispatch>): Promise<void> {
    const rows = this.#context.state.collection(dispatches)
    const row = await rows.get(id)
    if (row?.value.dueAt === undefined) return
    // Meanwhile something newer may have begun to wait.
    if (row.value.message === '' && row.version !== version) return
    const { dueAt: _, ...rest } = row.value
    try {
      await rows.put(id, rest, row.version)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
    }
  }
}
