import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import { DueWork, pollMilliseconds, systemClock } from '@annals/service'
import type { Dispatch, Versioned } from '@annals/storage'
import { dispatches } from '@annals/storage'
import { dispatchMagnetLink, waitNoLonger } from './dispatch-magnet-link.ts'

const leaseSeconds = 60

/** Goes on with announcements whose signature was waited for, for as long as it takes, and with those to be repeated. */
export class DueDispatches implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #owner = randomUUID()
  readonly #work: DueWork

  constructor(context: ServiceContext) {
    this.#context = context
    this.#work = new DueWork(context.log, {
      goOn: async (signal) => {
        while (!signal.aborted && (await this.#goOn()));
        return pollMilliseconds
      },
      failure: 'looking for announcements that are due failed; trying again',
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#work[Symbol.asyncDispose]()
  }

  /** Takes one announcement that is due. @returns whether there was one */
  async #goOn(): Promise<boolean> {
    const rows = this.#context.state.collection(dispatches)
    const row = await rows.claimDue({ owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds })
    if (row === undefined) return false
    try {
      // What is not to be announced now (archiving was switched off, something newer comes) has an event that takes it
      // up again. What was changed meanwhile is left alone: something newer may have begun to wait.
      await this.#announce(row)
    } catch (error) {
      // The claim stays until its lease runs out, so that this is not tried again without end.
      this.#context.log.error({ err: error, communityId: row.id }, 'an announcement failed; it goes on later')
    }
    return true
  }

  /** In the trace that it began to wait in; a repetition is a trace of its own, linked to that one. */
  #announce(row: Versioned<Dispatch>): Promise<void> {
    const { repeats: again = false, infoHash, traceparent } = row.value
    return this.#context.tracing.span(
      {
        name: again ? 'repeat announcement' : 'announce',
        parent: { traceparent: again ? undefined : traceparent },
        links: again ? [traceparent] : [],
        attributes: { 'annals.community.id': row.id, 'annals.torrent.infohash': infoHash },
      },
      async () => {
        if (await dispatchMagnetLink(this.#context, row.id, { again })) await waitNoLonger(this.#context, row)
      },
    )
  }
}
