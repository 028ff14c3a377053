import { pauseFor } from '@annals/nats'
import type { Notifier } from '../notifier.ts'

/** Looked at again after so long, should nothing come. */
const lookMilliseconds = 20

/** One that did not come by then went to another process. */
const graceMilliseconds = 2000

/** Events that this process gave back to have them again after a time. */
export class PendingRedeliveries {
  readonly #due = new Map<number, number>()

  expect(sequence: number, delaySeconds: number): void {
    this.#forgetLate()
    this.#due.set(sequence, Date.now() + Math.max(0, delaySeconds || 0) * 1000)
  }

  arrived(sequence: number): void {
    this.#due.delete(sequence)
  }

  /** Whether one of them should be here at any moment. */
  isDue(): boolean {
    this.#forgetLate()
    const now = Date.now()
    return this.#due.values().some((due) => due <= now)
  }

  /** Resolves when something changed, or after a moment. */
  async next(changed: Notifier): Promise<void> {
    const stop = new AbortController()
    await Promise.race([changed.next(stop.signal), pauseFor(lookMilliseconds, stop.signal)])
    stop.abort()
  }

  #forgetLate(): void {
    const late = Date.now() - graceMilliseconds
    for (const [sequence, due] of this.#due) if (due < late) this.#due.delete(sequence)
  }
}
