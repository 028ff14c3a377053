import { streamInfo } from '@annals/nats'
import type { NatsLink } from '@annals/nats'
import { Following } from './following.ts'
import type { RecentEvents } from './recent-events.ts'
import { openReader, startBehind } from './stream-reader.ts'
import type { Subjects } from './subjects.ts'

/** Follows the end of the log for a whole process, from when somebody first asks. */
export class LogFollower implements Disposable {
  readonly #link: NatsLink
  readonly #subjects: Subjects
  #following: Following | undefined
  #isBeginning = false
  #isDisposed = false
  #asking: Promise<number> | undefined
  #askingNext: Promise<number> | undefined

  constructor(link: NatsLink, subjects: Subjects) {
    this.#link = link
    this.#subjects = subjects
  }

  /**
   * What is known of the log, with all that was in it when this was called; `undefined` where the log is not followed,
   * which it is soon then.
   * @throws as `callJetStream`
   */
  async upToNow(): Promise<RecentEvents | undefined> {
    const following = this.#following
    if (following === undefined || following.isOver) {
      this.#begin()
      return undefined
    }
    const before = following.position
    const end = await this.#end()
    // One that was set back hands out positions anew.
    const reached = end >= before && (await following.reach(end))
    if (!reached) following[Symbol.dispose]()
    return reached ? following.events : undefined
  }

  #begin(): void {
    if (this.#isBeginning) return
    this.#isBeginning = true
    void this.#beginNow()
      // Whoever asks meanwhile asks the server, and hears from it what is wrong.
      .catch(() => undefined)
      .finally(() => (this.#isBeginning = false))
  }

  async #beginNow(): Promise<void> {
    const start = await this.#askEnd()
    // Replays stand in the log as well; without them its end would never be reached.
    const reading = { link: this.#link, stream: this.#subjects.logStream, filters: [], waits: true }
    const reader = await openReader(reading, startBehind(start))
    const following = new Following(reader, start)
    this.#following = following
    if (this.#isDisposed) following[Symbol.dispose]()
    else void following.run((subject) => this.#subjects.isEvent(subject))
  }

  /** Where the log ends at this moment or later: all who ask while a question is under way share the next one. */
  async #end(): Promise<number> {
    if (this.#asking === undefined) return this.#askNow()
    this.#askingNext ??= this.#asking
      .catch(() => undefined)
      .then(() => {
        this.#askingNext = undefined
        return this.#askNow()
      })
    return this.#askingNext
  }

  async #askNow(): Promise<number> {
    const asking = this.#askEnd().finally(() => {
      if (this.#asking === asking) this.#asking = undefined
    })
    this.#asking = asking
    return asking
  }

  async #askEnd(): Promise<number> {
    return (await streamInfo(this.#link, this.#subjects.logStream))?.state.last_seq ?? 0
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#following?.[Symbol.dispose]()
  }
}
