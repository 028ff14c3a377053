import { randomUUID } from 'node:crypto'
import type { ServiceContext } from '@annals/service'
import { pause, systemClock } from '@annals/service'
import { announcementProbes } from '@annals/storage'
import { probeAnnouncement } from './probe-announcement.ts'

const pollMilliseconds = 1_000
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
      let next = pollMilliseconds
      try {
        next = await this.#goOn()
      } catch (error) {
        this.#context.log.error({ err: error }, 'looking for announcements as members do failed; trying again')
      }
      await pause(next, signal)
    }
  }

  /** Looks for all that is due, while somebody answers. @returns how long to wait */
  async #goOn(): Promise<number> {
    const { signal } = this.#stop
    const rows = this.#context.state.collection(announcementProbes)
    while (!signal.aborted) {
      const claim = { owner: this.#owner, now: systemClock.nowSeconds(), leaseSeconds }
      const due = await rows.claimDueMany(claim, atOnce)
      if (due.length === 0) break
      const outcomes = await Promise.all(due.map((row) => this.#probe(row)))
      if (outcomes.every((outcome) => outcome === 'unknown')) return unansweredMilliseconds
    }
    return pollMilliseconds
  }

  /** What fails stays claimed until its lease runs out, so that it is not tried again without end. */
  async #probe(row: Parameters<typeof probeAnnouncement>[1]): ReturnType<typeof probeAnnouncement> {
    try {
      return await probeAnnouncement(this.#context, row, this.#stop.signal)
    } catch (error) {
      this.#context.log.error(
        { err: error, communityId: row.id },
        'looking for an announcement failed; it goes on later',
      )
      return undefined
    }
  }
}
