import { RecentEvents } from './recent-events.ts'
import type { StreamReader } from './stream-reader.ts'

/** What a process remembers at most, see `RecentEvents.size`; then it begins anew. */
const mostPlaces = 500_000

/** Where nothing comes by for so long, though the log has more, no more will come. */
const patienceMilliseconds = 5_000

interface Waiting {
  readonly sequence: number
  readonly resolve: (reached: boolean) => void
}

/** One unbroken reading of the log's end. */
export class Following implements Disposable {
  readonly events: RecentEvents
  readonly #reader: Pick<StreamReader, 'next'> & Disposable
  #position: number
  #isOver = false
  #waiting: Waiting[] = []

  constructor(reader: Pick<StreamReader, 'next'> & Disposable, start: number) {
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

  /**
   * Resolves with true when everything up to a position has come by; with false when that cannot be waited for. One that
   * is far behind is waited for as long as it comes nearer: to ask the server instead costs more, and most when all have
   * much to do.
   */
  async reach(sequence: number): Promise<boolean> {
    if (this.#position >= sequence || this.#isOver) return this.#position >= sequence
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.push({ sequence, resolve })
    let before = this.#position
    const timer = setInterval(() => {
      if (this.#position === before) resolve(false)
      before = this.#position
    }, patienceMilliseconds)
    return promise.finally(() => clearInterval(timer))
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
