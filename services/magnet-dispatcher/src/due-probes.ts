import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import { DueWork, pollMilliseconds, systemClock } from '@annals/service'
import { announcementProbes } from '@annals/storage'
import { probeAnnouncement } from './probe-announcement.ts'

/** While nobody answers, no more than this and one handful of questions are asked. */
const unansweredMilliseconds = 60_000
/** Longer than looking and publishing take, each with all their patience. */
const leaseSeconds = 300
/** Announcements looked for at once, so that a chat that takes its time holds up few others. */
const atOnce = 8

/** Looks on a beat whether members who come now find the announcements. Dispatchers share the work by claims. */
export class DueProbes implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #owner = randomUUID()
  readonly #work: DueWork

  constructor(context: ServiceContext) {
    this.#context = context
    this.#work = new DueWork(context.log, {
      goOn: (signal) => this.#goOn(signal),
      failure: 'looking for announcements as members do failed; trying again',
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#work[Symbol.asyncDispose]()
  }

  /** Looks for all that is due, while somebody answers. @returns how long to wait */
  async #goOn(signal: AbortSignal): Promise<number> {
    const rows = this.#context.state.collection(announcementProbes)
    while (!signal.aborted) {
      const claim = { owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds }
      const due = await rows.claimDueMany(claim, atOnce)
      if (due.length === 0) break
      const outcomes = await Promise.all(due.map((row) => this.#probe(row, signal)))
      if (outcomes.every((outcome) => outcome === 'unknown')) return unansweredMilliseconds
    }
    return pollMilliseconds
  }

  /** What fails stays claimed until its lease runs out, so that it is not tried again without end. */
  async #probe(
    row: Parameters<typeof probeAnnouncement>[1],
    signal: AbortSignal,
  ): ReturnType<typeof probeAnnouncement> {
    try {
      return await probeAnnouncement(this.#context, row, signal)
    } catch (error) {
      this.#context.log.error(
        { err: error, communityId: row.id },
        'looking for an announcement failed; it goes on later',
      )
      return undefined
    }
  }
}
