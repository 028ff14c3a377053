/** What to ask for next: [from, to), Unix seconds, and in its first second only what comes after a message's key. */
export interface PendingWindow {
  readonly from: number
  readonly to: number
  readonly afterKey?: string
}

/**
 * Cuts what is pending into spans of time that hold about a page each. Where a server does not read an index in its
 * order (DocumentDB does not), a query for the first page of a span sorts all of the span: reading half a million
 * pending messages would sort them all for each thousand. So only the first query asks for everything.
 */
export class PendingWindows {
  readonly #end: number
  #from = 0
  #afterKey: string | undefined
  /** Undefined until it is known how close the messages stand. */
  #seconds: number | undefined

  /** `end`: the moment before which the messages are to be, Unix seconds. */
  constructor(end: number) {
    this.#end = end
  }

  /** Undefined at the end. */
  next(): PendingWindow | undefined {
    if (this.#from >= this.#end) return undefined
    const window = { from: this.#from, to: this.#to() }
    return this.#afterKey === undefined ? window : { ...window, afterKey: this.#afterKey }
  }

  /** That there may be more in the window: what was read of it goes from one moment up to a message. */
  tookPart(firstTimestamp: number, last: { readonly timestamp: number; readonly key: string }): void {
    const covered = last.timestamp - firstTimestamp
    this.#seconds = covered > 0 ? covered * 2 : (this.#seconds ?? 1)
    this.#from = last.timestamp
    this.#afterKey = last.key
  }

  /** That all of the window was read. */
  tookAll(): void {
    this.#from = this.#to()
    this.#afterKey = undefined
    if (this.#seconds !== undefined) this.#seconds *= 4
  }

  #to(): number {
    return this.#seconds === undefined ? this.#end : Math.min(this.#from + this.#seconds, this.#end)
  }
}
