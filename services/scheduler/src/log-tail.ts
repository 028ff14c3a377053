import type { ReadableLog } from './log-reading.ts'
import { LogReading } from './log-reading.ts'

/**
 * The end of the log, read once for all communities: to ask about each of them by itself takes a question for each name
 * of an event, and nearly always nothing is new.
 */
export class LogTail {
  #reading: LogReading | undefined
  #underWay: Promise<unknown> = Promise.resolve()

  /** The reading so far; absent before the first `catchUp` and after `forget`. */
  get reading(): LogReading | undefined {
    return this.#reading
  }

  /**
   * Reads on. The answer has taken in all that was in the log when this was called. It is the same reading as before
   * unless that one had to be given up.
   */
  async catchUp(log: ReadableLog): Promise<LogReading> {
    const catchingUp = this.#underWay.then(() => this.#catchUp(log))
    this.#underWay = catchingUp.catch(() => undefined)
    return catchingUp
  }

  async #catchUp(log: ReadableLog): Promise<LogReading> {
    for (;;) {
      const reading = (this.#reading ??= new LogReading())
      const whole = await reading.readOn(log)
      if (reading !== this.#reading) continue
      if (whole) return reading
      this.forget()
    }
  }

  /** For when the engine was away: a log that lost its end hands out positions anew. */
  forget(): void {
    this.#reading = undefined
  }
}
