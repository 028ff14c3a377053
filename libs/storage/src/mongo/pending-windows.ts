import type { MessageKeys } from './message-keys.ts'

/** As `MessageKeys.position` counts. */
const oneSecond = 2n ** 32n

/**
 * Cuts what is pending into ranges of keys that hold about a page each. Where a server does not read an index in its
 * order (DocumentDB does not), a query for the first page of a range sorts all of the range: reading half a million
 * pending messages would sort them all for each thousand. So only the first query asks for everything.
 */
export class PendingWindows {
  readonly #keys: MessageKeys
  readonly #end: string
  /** Undefined until it is known how close the messages stand. */
  #span: bigint | undefined
  #from: string

  constructor(keys: MessageKeys, from: string, end: string) {
    this.#keys = keys
    this.#from = from
    this.#end = end
  }

  /** The range to ask for next, [from, to); undefined at the end. */
  next(): { readonly from: string; readonly to: string } | undefined {
    if (this.#from >= this.#end) return undefined
    return { from: this.#from, to: this.#to() }
  }

  /** What was read of the range that `next` gave; `full` says that there may be more of it. */
  took(keys: readonly string[], full: boolean): void {
    const [first, last] = [keys[0], keys.at(-1)]
    if (full && first !== undefined && last !== undefined) {
      const covered = this.#keys.position(last) - this.#keys.position(first)
      this.#span = covered > 0n ? covered * 2n : (this.#span ?? oneSecond)
      // Digits come after a space: nothing stands between the last key and this.
      this.#from = `${last} `
    } else {
      this.#from = this.#to()
      if (this.#span !== undefined) this.#span *= 4n
    }
  }

  #to(): string {
    if (this.#span === undefined) return this.#end
    const to = this.#keys.atPosition(this.#keys.position(this.#from) + this.#span)
    return to < this.#end ? to : this.#end
  }
}
