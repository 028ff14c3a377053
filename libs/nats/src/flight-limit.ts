interface Waiting {
  readonly bytes: number
  enter(): void
}

/** Lets in only so much at once; the rest waits outside, first come, first in. */
export class FlightLimit {
  readonly #limit: { readonly messages: number; readonly bytes: number }
  #waiting: Waiting[] = []
  /** Of `#waiting`, those before it are in. */
  #next = 0
  #messages = 0
  #bytes = 0

  constructor(limit: { readonly messages: number; readonly bytes: number }) {
    this.#limit = limit
  }

  async enter(bytes: number): Promise<void> {
    if (this.#next === this.#waiting.length && this.#hasRoom(bytes)) return this.#add(bytes)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, enter: resolve })
    await promise
  }

  leave(bytes: number): void {
    this.#messages -= 1
    this.#bytes -= bytes
    for (let first = this.#waiting[this.#next]; first !== undefined; first = this.#waiting[this.#next]) {
      if (!this.#hasRoom(first.bytes)) return
      this.#next += 1
      this.#add(first.bytes)
      first.enter()
    }
    this.#waiting = []
    this.#next = 0
  }

  /** What is larger than the limit goes in alone. */
  #hasRoom(bytes: number): boolean {
    if (this.#messages === 0) return true
    return this.#messages < this.#limit.messages && this.#bytes + bytes <= this.#limit.bytes
  }

  #add(bytes: number): void {
    this.#messages += 1
    this.#bytes += bytes
  }
}
