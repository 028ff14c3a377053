import { Waiter } from './feed/waiter.ts'
import type { CarriedMessage } from './waku-message.ts'

const mostMessages = 1_000
const mostBytes = 8 * 1024 * 1024

/** What came for a reader that has not looked yet. Where it is too much the queue is emptied, and the stores have to be asked. */
export class LiveQueue {
  #messages: CarriedMessage[] = []
  #sizeBytes = 0
  #hasLost = false
  readonly #waiter = new Waiter()

  push(message: CarriedMessage): void {
    this.#messages.push(message)
    this.#sizeBytes += message.message.payload.length
    if (this.#messages.length > mostMessages || this.#sizeBytes > mostBytes) {
      this.take()
      this.#hasLost = true
    }
    this.#waiter.wake()
  }

  take(): CarriedMessage[] {
    const messages = this.#messages
    this.#messages = []
    this.#sizeBytes = 0
    return messages
  }

  /** @returns whether something was lost since this was asked last */
  takeLoss(): boolean {
    const hasLost = this.#hasLost
    this.#hasLost = false
    return hasLost
  }

  /** Resolves when something is there, after so long, or when the signal aborts. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#waiter.wait(milliseconds, signal)
  }
}
