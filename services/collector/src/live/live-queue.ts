import { pauseFor } from '@annals/waku'
import type { CarriedMessage } from '@annals/waku'

const mostMessages = 1_000
const mostBytes = 8 * 1024 * 1024

/** What came and is not kept yet. Where it is too much it is emptied, and the stores have to be asked. */
export class LiveQueue {
  #messages: CarriedMessage[] = []
  #sizeBytes = 0
  #hasLost = false
  #woken = new AbortController()

  push(message: CarriedMessage): void {
    this.#messages.push(message)
    this.#sizeBytes += message.message.payload.length
    if (this.#messages.length > mostMessages || this.#sizeBytes > mostBytes) {
      this.#hasLost = true
      this.#clear()
    }
    this.#woken.abort()
  }

  /** All there is, and whether something was lost since the last time. */
  take(): { readonly messages: readonly CarriedMessage[]; readonly hasLost: boolean } {
    const taken = { messages: this.#messages, hasLost: this.#hasLost }
    this.#hasLost = false
    this.#clear()
    return taken
  }

  /** Resolves when something is there, after so long, or when the signal aborts. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pauseFor(milliseconds, AbortSignal.any([signal, this.#woken.signal]))
    this.#woken = new AbortController()
  }

  #clear(): void {
    this.#messages = []
    this.#sizeBytes = 0
  }
}
