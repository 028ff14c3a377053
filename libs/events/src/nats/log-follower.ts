import { streamInfo } from '@annals/nats'
import type { NatsLink } from '@annals/nats'
import { RecentEvents } from './recent-events.ts'
import { openReader, startBehind, type StreamReader } from './stream-reader.ts'
import type { Subjects } from './subjects.ts'

/** What a process remembers at most, see `RecentEvents.size`; then it begins anew. */
const mostPlaces = 500_000

/** Whoever has not heard of an event for so long, though it is in the log, hears of no more. */
const patienceMilliseconds = 5_000

interface Waiting {
  readonly sequence: number
  readonly resolve: (reached: boolean) => void
}

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

/** One unbroken reading of the log's end. */
class Following implements Disposable {
  readonly events: RecentEvents
  readonly #reader: StreamReader
  #position: number
  #isOver = false
  #waiting: Waiting[] = []

  constructor(reader: StreamReader, start: number) {
    this.#reader = reader
    this.#position = start
    this.events = new RecentEvents(start)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Everything up to it has come by. */
  get position(): number {
    return this.#position
  }

  /** Takes what comes until something goes wrong. Never rejects. */
  async run(isEvent: (subject: string) => boolean): Promise<void> {
    try {
      while (!this.#isOver && this.events.size < mostPlaces) {
        const next = await this.#reader.next()
        if (typeof next === 'string') break
        if (isEvent(next.subject)) this.events.take(next)
        this.#position = next.sequence
        this.#wake()
      }
    } catch {
      // A refusal; whoever asks the server by itself hears of it.
    }
    this[Symbol.dispose]()
  }

  /** Resolves with true when everything up to a position has come by; with false when that cannot be waited for. */
  async reach(sequence: number): Promise<boolean> {
    if (this.#position >= sequence || this.#isOver) return this.#position >= sequence
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.push({ sequence, resolve })
    const timer = setTimeout(() => resolve(false), patienceMilliseconds)
    return promise.finally(() => clearTimeout(timer))
  }

  #wake(): void {
    if (this.#waiting.every(({ sequence }) => sequence > this.#position)) return
    const ready = this.#waiting.filter(({ sequence }) => sequence <= this.#position)
    this.#waiting = this.#waiting.filter(({ sequence }) => sequence > this.#position)
    for (const { resolve } of ready) resolve(true)
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#reader[Symbol.dispose]()
    for (const { resolve } of this.#waiting) resolve(false)
    this.#waiting = []
  }
}
