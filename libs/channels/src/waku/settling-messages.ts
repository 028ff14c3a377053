import type { CarriedMessage } from '@annals/waku'

interface Settling {
  readonly message: CarriedMessage
  readonly dueMilliseconds: number
}

/**
 * Holds messages back for a moment, so that those that come in another order than they were sent in are read in the order
 * of their times, by every reader. What comes later than that is read when it comes.
 */
export class SettlingMessages {
  readonly #settleMilliseconds: number
  readonly #hashes = new Set<string>()
  /** In order of time, then of hash. */
  readonly #messages: Settling[] = []

  constructor(settleMilliseconds: number) {
    this.#settleMilliseconds = settleMilliseconds
  }

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  /** @param nowMilliseconds Unix */
  add(message: CarriedMessage, nowMilliseconds: number): void {
    const sent = Number(message.message.timestampNanoseconds / 1_000_000n)
    // A sender's clock may be ahead: nobody waits longer than to settle.
    const wait = Math.min(this.#settleMilliseconds, Math.max(0, sent + this.#settleMilliseconds - nowMilliseconds))
    const before = this.#messages.findLastIndex((other) => isBefore(other.message, message))
    this.#messages.splice(before + 1, 0, { message, dueMilliseconds: nowMilliseconds + wait })
    this.#hashes.add(message.hash)
  }

  /** Those that are due, and all before them. */
  take(nowMilliseconds: number): CarriedMessage[] {
    const last = this.#messages.findLastIndex(({ dueMilliseconds }) => dueMilliseconds <= nowMilliseconds)
    const taken = this.#messages.splice(0, last + 1).map(({ message }) => message)
    for (const { hash } of taken) this.#hashes.delete(hash)
    return taken
  }

  /** How long until one is due; `undefined` if there is none. */
  untilDue(nowMilliseconds: number): number | undefined {
    const due = Math.min(...this.#messages.map(({ dueMilliseconds }) => dueMilliseconds))
    return due === Infinity ? undefined : Math.max(0, due - nowMilliseconds)
  }
}

function isBefore(one: CarriedMessage, other: CarriedMessage): boolean {
  const time = one.message.timestampNanoseconds
  const otherTime = other.message.timestampNanoseconds
  return time < otherTime || (time === otherTime && one.hash < other.hash)
}
